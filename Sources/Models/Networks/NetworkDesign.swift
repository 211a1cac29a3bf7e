public import NeuralNet

/// An architecture with its settings: a recipe from which networks with random weights are made.
///
/// Networks take `[3, inputSize, inputSize]` crops and give `[N, classes]` logits; one logit, positive for fake, is
/// what a detector model wants.
public protocol NetworkDesign: Sendable {
  /// Side of the input in pixels; any from `NetworkCatalog.smallestInput` on.
  var inputSize: Int { get set }
  /// Logits.
  var classes: Int { get set }
  /// The network with weights drawn after He et al. 2015; same seed, same weights.
  func network(seed: UInt64) -> Network
}

/// An architecture whose first part measures statistics of the crop and is not trained.
public protocol StatisticsDesign: NetworkDesign {
  /// That part alone: `[3, inputSize, inputSize]` crops to `[N, statistics]`.
  func statistics() -> Network
}
