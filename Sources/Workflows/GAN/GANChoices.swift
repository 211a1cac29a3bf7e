import Models
import NeuralNet

/// What a user of `assay gan train` can choose from, for its help.
public enum GANChoices {
  public static let designs = AdversarialCatalog.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")
  public static let sizes = AdversarialCatalog.sizes.map(String.init).joined(separator: ", ")
  public static let augmentations = DifferentiableAugmentation.Kind.allCases.map(\.rawValue).joined(separator: ",")
}

extension GANOptions {
  /// - Parameter name: of a loss; nil takes the design's own.
  public mutating func setLoss(_ name: String?) {
    loss = name.flatMap(AdversarialLoss.init(rawValue:))
  }

  /// - Parameter names: as `GANChoices.augmentations` has them; none leaves pictures as they are.
  public mutating func setAugmentation(_ names: [String]) {
    augmentation = Set(names.compactMap(DifferentiableAugmentation.Kind.init(rawValue:)))
  }
}
