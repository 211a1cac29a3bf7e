import Compute
public import NeuralNet

/// Residual networks (He et al. 2016, table 1), the layers named as in torchvision.
///
/// Bottlenecks have their stride in the 3×3 convolution, as is now usual (the paper: in the first 1×1).
public struct ResNet: NetworkDesign, Hashable {
  /// The residual branch of a block.
  public enum Block: Sendable, Hashable {
    /// Two 3×3 convolutions.
    case basic
    /// 1×1, 3×3 and 1×1; the last one is four times as wide.
    case bottleneck

    var expansion: Int { self == .basic ? 1 : 4 }
  }

  public var block: Block
  /// Blocks of the four stages.
  public var depths: [Int]
  /// Channels of the first stage's 3×3 convolutions; doubles with each stage.
  public var width = 64
  public var inputSize = 224
  public var classes = 1

  public static let resNet18 = ResNet(block: .basic, depths: [2, 2, 2, 2])
  public static let resNet50 = ResNet(block: .bottleneck, depths: [3, 4, 6, 3])

  public init(block: Block, depths: [Int]) {
    self.block = block
    self.depths = depths
  }

  public func network(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    build.convolution("conv1", norm: "bn1", channels: width, kernel: 7, stride: 2)
    build.relu("relu")
    build.maxPool("maxpool", 3, stride: 2, padding: 1)
    for (stage, depth) in depths.enumerated() {
      for index in 0..<depth {
        append("layer\(stage + 1).\(index)", width: width << stage, stride: stage > 0 && index == 0 ? 2 : 1, to: &build)
      }
    }
    build.classifier("fc", classes: classes)
    return build.network
  }

  private func append(_ name: String, width: Int, stride: Int, to build: inout NetworkBuilder) {
    let input = build.current
    let channels = width * block.expansion
    var shortcut = input
    if stride != 1 || build.currentShape[0] != channels {
      build.convolution(
        "\(name).downsample.0", norm: "\(name).downsample.1", channels: channels, kernel: 1, stride: stride)
      shortcut = build.current
      build.current = input
    }
    let convolutions: [(channels: Int, kernel: Int, stride: Int)] =
      switch block {
      case .basic: [(width, 3, stride), (width, 3, 1)]
      case .bottleneck: [(width, 1, 1), (width, 3, stride), (channels, 1, 1)]
      }
    for (index, layer) in convolutions.enumerated() {
      if index > 0 { build.relu("\(name).relu\(index)") }
      build.convolution(
        "\(name).conv\(index + 1)", norm: "\(name).bn\(index + 1)", channels: layer.channels, kernel: layer.kernel,
        stride: layer.stride)
    }
    build.add("\(name).add", shortcut)
    build.relu("\(name).relu")
  }
}
