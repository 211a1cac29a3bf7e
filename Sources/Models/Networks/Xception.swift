import Compute
public import NeuralNet

/// Xception (Chollet 2017, figure 5), the layers named as in timm's `legacy_xception`.
public struct Xception: NetworkDesign, Hashable {
  public var inputSize = 299
  public var classes = 1
  /// Dropout probability before the last layer (section 4.6).
  public var dropout: Float = 0.5

  public init() {}

  /// One module of entry, middle or exit flow: separable convolutions with a shortcut.
  private struct Module {
    /// Output channels of each separable convolution.
    var widths: [Int]
    /// Stride of the pooling after them; 1 for no pooling.
    var stride = 1
    var startsWithReLU = true
  }

  private static let modules =
    [
      Module(widths: [128, 128], stride: 2, startsWithReLU: false), Module(widths: [256, 256], stride: 2),
      Module(widths: [728, 728], stride: 2),
    ] + Array(repeating: Module(widths: [728, 728, 728]), count: 8) + [Module(widths: [728, 1024], stride: 2)]

  public func network(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    build.convolution("conv1", norm: "bn1", channels: 32, kernel: 3, stride: 2, padding: Padding(0))
    build.relu("act1")
    build.convolution("conv2", norm: "bn2", channels: 64, kernel: 3, padding: Padding(0))
    build.relu("act2")
    for (index, module) in Self.modules.enumerated() { Self.append("block\(index + 1)", module, to: &build) }
    for (index, width) in [(3, 1536), (4, 2048)] {
      Self.appendSeparable("conv\(index)", norm: "bn\(index)", channels: width, to: &build)
      build.relu("act\(index)")
    }
    build.classifier("fc", classes: classes, dropout: dropout)
    return build.network
  }

  private static func append(_ name: String, _ module: Module, to build: inout NetworkBuilder) {
    let input = build.current
    var shortcut = input
    if module.stride != 1 {
      build.convolution(
        "\(name).skip", norm: "\(name).skipbn", channels: module.widths[module.widths.count - 1], kernel: 1,
        stride: module.stride)
      shortcut = build.current
      build.current = input
    }
    for (index, width) in module.widths.enumerated() {
      let layer = "\(name).rep.\(index + 1)"
      if index > 0 || module.startsWithReLU { build.relu("\(layer).relu") }
      appendSeparable("\(layer).conv", norm: "\(layer).bn", channels: width, to: &build)
    }
    if module.stride != 1 { build.maxPool("\(name).pool", 3, stride: module.stride, padding: 1) }
    build.add("\(name).add", shortcut)
  }

  /// A depthwise 3×3 convolution, then a 1×1 convolution, with no activation in between.
  private static func appendSeparable(
    _ name: String, norm: String, channels: Int, to build: inout NetworkBuilder
  ) {
    let inputs = build.currentShape[0]
    build.convolution("\(name).conv1", channels: inputs, kernel: 3, groups: inputs)
    build.convolution("\(name).pointwise", norm: norm, channels: channels, kernel: 1)
  }
}
