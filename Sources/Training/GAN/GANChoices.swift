import Models
import NeuralNet

/// Values of options of `assay gan train`, for its help.
package enum GANChoices {
  package static let designs = AdversarialCatalog.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")
  package static let sizes = AdversarialCatalog.sizes.map(String.init).joined(separator: ", ")
  package static let augmentations = DifferentiableAugmentation.Kind.allCases.map(\.rawValue).joined(separator: ",")
}

extension GANOptions {
  /// - Parameter names: names in `GANChoices.augmentations`; empty for no augmentation.
  package mutating func setAugmentation(_ names: [String]) {
    augmentation = Set(names.compactMap(DifferentiableAugmentation.Kind.init(rawValue:)))
  }
}
