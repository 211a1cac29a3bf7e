import Compute
public import NeuralNet

/// EfficientNet (Tan and Le 2019, table 1) and EfficientNet-Lite (TensorFlow 2020).
///
/// Without the authors' stochastic depth: no operator here drops whole samples.
public struct EfficientNet: NetworkDesign, Hashable {
  /// The two families.
  public enum Variant: Sendable, Hashable {
    /// SiLU and squeeze-and-excitation, symmetric padding.
    case standard
    /// ReLU6 without squeeze-and-excitation. Padding as in TensorFlow's "SAME", which at stride 2 puts the odd row and
    /// column at the bottom and on the right.
    case lite
  }

  public var variant = Variant.standard
  /// Multipliers of a stage's channels and blocks.
  public var widthCoefficient: Double
  public var depthCoefficient: Double
  /// Dropout probability before the last layer.
  public var dropout: Float
  public var inputSize: Int
  public var classes = 1

  public static let b0 = EfficientNet(widthCoefficient: 1, depthCoefficient: 1, dropout: 0.2, inputSize: 224)
  public static let b4 = EfficientNet(widthCoefficient: 1.4, depthCoefficient: 1.8, dropout: 0.4, inputSize: 380)
  public static let lite0 = {
    var design = EfficientNet(widthCoefficient: 1, depthCoefficient: 1, dropout: 0.2, inputSize: 224)
    design.variant = .lite
    return design
  }()

  public init(widthCoefficient: Double, depthCoefficient: Double, dropout: Float, inputSize: Int) {
    self.widthCoefficient = widthCoefficient
    self.depthCoefficient = depthCoefficient
    self.dropout = dropout
    self.inputSize = inputSize
  }

  /// Inverted bottlenecks of one stage of B0 (Sandler et al. 2018).
  private struct Stage {
    /// Expansion ratio of the channels within a block.
    var expansion: Int
    var kernel: Int
    /// Stride of the first block.
    var stride: Int
    var channels: Int
    var blocks: Int
  }

  private static let stages = [
    Stage(expansion: 1, kernel: 3, stride: 1, channels: 16, blocks: 1),
    Stage(expansion: 6, kernel: 3, stride: 2, channels: 24, blocks: 2),
    Stage(expansion: 6, kernel: 5, stride: 2, channels: 40, blocks: 2),
    Stage(expansion: 6, kernel: 3, stride: 2, channels: 80, blocks: 3),
    Stage(expansion: 6, kernel: 5, stride: 1, channels: 112, blocks: 3),
    Stage(expansion: 6, kernel: 5, stride: 2, channels: 192, blocks: 4),
    Stage(expansion: 6, kernel: 3, stride: 1, channels: 320, blocks: 1),
  ]

  /// Constants of the authors' code.
  private static let norm = BatchNormSettings(epsilon: 1e-3, momentum: 0.01)

  public func network(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    appendConvolution("features.0", channels: scaled(32), kernel: 3, stride: 2, to: &build)
    for (index, stage) in Self.stages.enumerated() {
      let blocks = Int((Double(stage.blocks) * depthCoefficient).rounded(.up))
      for block in 0..<blocks {
        append("features.\(index + 1).\(block)", stage, stride: block == 0 ? stage.stride : 1, to: &build)
      }
    }
    appendConvolution(
      "features.\(Self.stages.count + 1)", channels: 4 * build.currentShape[0], kernel: 1, to: &build)
    build.classifier("classifier.1", classes: classes, dropout: dropout)
    return build.network
  }

  /// The width times the coefficient, rounded to a multiple of 8 that is at least nine tenths of it.
  private func scaled(_ channels: Int) -> Int {
    let wanted = Double(channels) * widthCoefficient
    let nearest = max(8, Int(wanted + 4) / 8 * 8)
    return Double(nearest) < 0.9 * wanted ? nearest + 8 : nearest
  }

  private func append(_ name: String, _ stage: Stage, stride: Int, to build: inout NetworkBuilder) {
    let input = build.current
    let inputChannels = build.currentShape[0]
    let expanded = inputChannels * stage.expansion
    let channels = scaled(stage.channels)
    if stage.expansion > 1 { appendConvolution("\(name).expand", channels: expanded, kernel: 1, to: &build) }
    appendConvolution(
      "\(name).depthwise", channels: expanded, kernel: stage.kernel, stride: stride, groups: expanded, to: &build)
    // The squeezed width is a quarter of the block's input channels, not of the expanded channels.
    if variant == .standard {
      build.squeezeExcitation("\(name).se", squeezed: max(1, inputChannels / 4), activation: .silu)
    }
    build.convolution("\(name).project", norm: "\(name).project.norm", channels: channels, kernel: 1, Self.norm)
    if stride == 1, inputChannels == channels { build.add("\(name).add", input) }
  }

  private func appendConvolution(
    _ name: String, channels: Int, kernel: Int, stride: Int = 1, groups: Int = 1, to build: inout NetworkBuilder
  ) {
    let padding: Padding? =
      switch variant {
      case .standard: nil
      case .lite: .same(extent: build.currentShape[1], kernel: kernel, stride: stride)
      }
    build.convolution(
      name, norm: "\(name).norm", channels: channels, kernel: kernel, stride: stride, groups: groups, padding: padding,
      Self.norm)
    switch variant {
    case .standard: build.activation("\(name).silu", .silu)
    case .lite: build.activation("\(name).relu6", .clip(low: 0, high: 6))
    }
  }
}

extension Padding {
  /// TensorFlow's "SAME" padding of a square input: the output has `extent / stride` rows, rounded up, and an odd
  /// number of padded rows has the extra one at the end.
  static func same(extent: Int, kernel: Int, stride: Int) -> Padding {
    let outputs = (extent + stride - 1) / stride
    let total = max((outputs - 1) * stride + kernel - extent, 0)
    return Padding(top: total / 2, left: total / 2, bottom: total - total / 2, right: total - total / 2)
  }
}
