import Compute
public import NeuralNet

/// MesoInception-4 (Afchar et al. 2018, section 2.3): Meso-4 whose first two layers are inception modules.
public struct MesoInception4: NetworkDesign, Hashable {
  public var inputSize = 256
  public var classes = 1
  /// Dropout probability before each fully connected layer.
  public var dropout: Float = 0.5

  public init() {}

  /// Constants of the authors' code (Keras defaults).
  private static let norm = BatchNormSettings(epsilon: 1e-3, momentum: 0.01)

  public func network(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    Self.appendInception("inception1", widths: [1, 4, 4, 2], to: &build)
    Self.appendNormAndPool(1, window: 2, to: &build)
    Self.appendInception("inception2", widths: [2, 4, 4, 2], to: &build)
    Self.appendNormAndPool(2, window: 2, to: &build)
    for (index, window) in [(3, 2), (4, 4)] {
      Self.appendConvolution("conv\(index)", channels: 16, kernel: 5, to: &build)
      Self.appendNormAndPool(index, window: window, to: &build)
    }
    build.flatten("flat")
    build.dropout("drop1", rate: dropout)
    build.linear("full1", features: 16)
    build.activation("leaky1", .leakyRelu(slope: 0.1))
    build.dropout("drop2", rate: dropout)
    build.linear("logit", features: classes)
    return build.network
  }

  /// Four parallel branches: 1×1 alone, and 1×1 followed by a 3×3 convolution of dilation 1, 2 or 3.
  private static func appendInception(_ name: String, widths: [Int], to build: inout NetworkBuilder) {
    let input = build.current
    var branches: [String] = []
    for (index, width) in widths.enumerated() {
      build.current = input
      let branch = "\(name).branch\(index + 1)"
      appendConvolution("\(branch).1x1", channels: width, kernel: 1, to: &build)
      if index > 0 { appendConvolution("\(branch).3x3", channels: width, kernel: 3, dilation: index, to: &build) }
      branches.append(build.current)
    }
    build.concat("\(name).concat", branches)
  }

  private static func appendConvolution(
    _ name: String, channels: Int, kernel: Int, dilation: Int = 1, to build: inout NetworkBuilder
  ) {
    build.convolution(name, channels: channels, kernel: kernel, dilation: dilation, bias: true)
    build.relu("\(name).relu")
  }

  private static func appendNormAndPool(_ index: Int, window: Int, to build: inout NetworkBuilder) {
    build.batchNorm("norm\(index)", norm)
    build.maxPool("pool\(index)", window)
  }
}
