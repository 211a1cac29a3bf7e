public import NeuralNet

/// All architectures that a user can select, in training and studies.
public enum NetworkCatalog {
  /// An architecture under its name.
  public struct Entry: Sendable {
    public let name: String
    /// One-line description with the authors.
    public let summary: String
    /// Has the input size of its paper, and one logit.
    public let design: any NetworkDesign
  }

  /// The name of the seed paper's network, to which modifiers apply.
  public static let paperName = "paper-cnn"

  public static let all = [
    Entry(
      name: paperName, summary: "4 convolutions, 2 fully connected layers (arXiv 2302.11704)", design: PaperCNN()),
    Entry(
      name: "meso-inception-4", summary: "inception modules on a small scale (Afchar et al. 2018)",
      design: MesoInception4()),
    Entry(
      name: "residual-cooccurrence", summary: "statistics of noise residuals (after Cozzolino et al. 2017)",
      design: ResidualCooccurrenceNet()),
    Entry(name: "resnet-18", summary: "residual network of basic blocks (He et al. 2016)", design: ResNet.resNet18),
    Entry(name: "resnet-50", summary: "residual network of bottlenecks (He et al. 2016)", design: ResNet.resNet50),
    Entry(
      name: "xception", summary: "depthwise separable convolutions with shortcuts (Chollet 2017)", design: Xception()),
    Entry(
      name: "efficientnet-b0", summary: "inverted bottlenecks with attention (Tan and Le 2019)",
      design: EfficientNet.b0),
    Entry(
      name: "efficientnet-b4", summary: "B0 with 1.4 times the width and 1.8 times the depth (Tan and Le 2019)",
      design: EfficientNet.b4),
    Entry(
      name: "efficientnet-lite0",
      summary: "B0 with ReLU6 and no attention (TensorFlow 2020); ImageNet weights: make base",
      design: EfficientNet.lite0),
  ]

  /// The smallest input that all of them support, in pixels.
  public static let smallestInput = 32

  /// The architecture called `name`.
  public static subscript(name: String) -> Entry? { all.first { $0.name == name } }
}

/// An architecture with its settings: a recipe from which networks with random weights are made.
///
/// Networks map `[3, inputSize, inputSize]` crops to `[N, classes]` logits; classifiers have one logit, positive for
/// fake.
public protocol NetworkDesign: Sendable {
  /// Side of the input in pixels; any from `NetworkCatalog.smallestInput` on.
  var inputSize: Int { get set }
  /// Number of logits.
  var classes: Int { get set }
  /// The network with random weights (He et al. 2015); the same seed gives the same weights.
  func network(seed: UInt64) -> Network
}

/// An architecture whose first part computes fixed statistics of the crop and is not trained.
public protocol StatisticsDesign: NetworkDesign {
  /// That part alone: `[3, inputSize, inputSize]` crops to `[N, statistics]`.
  func statistics() -> Network
}
