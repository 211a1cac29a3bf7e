import Models
import NeuralNet

/// What a user of `assay gan train` can choose from, for its help.
package enum GANChoices {
  package static let designs = AdversarialCatalog.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")
  package static let sizes = AdversarialCatalog.sizes.map(String.init).joined(separator: ", ")
  package static let augmentations = DifferentiableAugmentation.Kind.allCases.map(\.rawValue).joined(separator: ",")
}

extension GANOptions {
  /// - Parameter names: as `GANChoices.augmentations` has them; none leaves pictures as they are.
  package mutating func setAugmentation(_ names: [String]) {
    augmentation = Set(names.compactMap(DifferentiableAugmentation.Kind.init(rawValue:)))
  }
}
