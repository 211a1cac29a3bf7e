import Compute
public import NeuralNet

/// The network of arXiv 2302.11704: 4 convolutional and 2 fully connected layers on 256×256 RGB crops, one logit out.
///
/// The paper leaves the widths open. Each convolution is followed by batch norm, ReLU and max pooling (2, 2, 2, 4),
/// each fully connected layer is preceded by dropout.
public struct PaperCNN: NetworkDesign, Hashable {
  /// Channels of the four convolutions.
  public var widths = [8, 8, 16, 16]
  /// Side of their filters.
  public var kernels = [3, 5, 5, 5]
  /// Windows of the max pooling behind each.
  public var pools = [2, 2, 2, 4]
  /// Units of the first fully connected layer.
  public var hidden = 16
  /// Probability with which dropout zeroes a value.
  public var dropout: Float = 0.5
  public var inputSize: Int = Self.inputSize
  public var classes = 1

  /// Side of the input in pixels, in the paper.
  public static let inputSize = 256

  public init() {}

  /// - Precondition: four widths, kernels and pools.
  public func network(seed: UInt64) -> Network {
    precondition(
      widths.count == 4 && kernels.count == 4 && pools.count == 4,
      "the paper's network has 4 convolutions, not \(widths), \(kernels), \(pools)")
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    for (index, pool) in pools.enumerated() {
      build.convolution("conv\(index + 1)", norm: "norm\(index + 1)", channels: widths[index], kernel: kernels[index])
      build.relu("relu\(index + 1)")
      build.maxPool("pool\(index + 1)", pool)
    }
    build.flatten("flat")
    build.dropout("drop1", rate: dropout)
    build.linear("full1", features: hidden)
    build.relu("relu5")
    build.dropout("drop2", rate: dropout)
    build.linear("logit", features: classes)
    return build.network
  }
}
