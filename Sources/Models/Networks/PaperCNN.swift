import Compute
public import NeuralNet

/// The network of arXiv 2302.11704: 4 convolutional and 2 fully connected layers on 256×256 RGB crops, with one logit.
///
/// The paper does not state the widths. Each convolution is followed by batch norm, ReLU and max pooling (2, 2, 2, 4);
/// each fully connected layer is preceded by dropout. `PaperCNNModifier` changes it for ablations.
public struct PaperCNN: NetworkDesign, Hashable {
  /// Attention module of a stage.
  public enum Attention: Sendable, Hashable {
    /// Squeeze-and-excitation (Hu et al. 2018).
    case squeezeExcitation
    /// Convolutional block attention (Woo et al. 2018).
    case block
  }

  /// Channels of the four convolutions.
  public var widths = [8, 8, 16, 16]
  /// Side of their filters.
  public var kernels = [3, 5, 5, 5]
  /// Window of the max pooling after each convolution.
  public var pools = [2, 2, 2, 4]
  /// Units of the first fully connected layer.
  public var hidden = 16
  /// Dropout probability.
  public var dropout: Float = 0.5
  /// Convolutions per stage (between two poolings); 1 in the paper.
  public var depth = 1
  /// Whether each stage has a residual connection (He et al. 2016).
  public var isResidual = false
  public var attention: Attention?
  public var inputSize: Int = Self.inputSize
  public var classes = 1

  /// Side of the input in pixels, in the paper.
  public static let inputSize = 256

  public init() {}

  /// - Precondition: four widths, kernels and pools, a depth of at least 1.
  public func network(seed: UInt64) -> Network {
    precondition(
      widths.count == 4 && kernels.count == 4 && pools.count == 4,
      "the paper's network has 4 convolutions, not \(widths), \(kernels), \(pools)")
    var build = NetworkBuilder(inputShape: [3, inputSize, inputSize], seed: seed)
    for (index, pool) in pools.enumerated() {
      appendStage(index, to: &build)
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

  private func appendStage(_ index: Int, to build: inout NetworkBuilder) {
    let input = (value: build.current, channels: build.currentShape[0])
    let number = "\(index + 1)"
    for layer in 1...depth {
      let suffix = layer == 1 ? number : "\(number).\(layer)"
      build.convolution("conv\(suffix)", norm: "norm\(suffix)", channels: widths[index], kernel: kernels[index])
      if layer < depth { build.relu("relu\(number).\(layer)") }
    }
    // Attention scales the branch to which a shortcut is added; without a shortcut, it scales the output of the ReLU,
    // as in both papers.
    if isResidual {
      appendAttention(number, to: &build)
      addShortcut(number, from: input, to: &build)
    }
    build.relu("relu\(number)")
    if !isResidual { appendAttention(number, to: &build) }
  }

  private func addShortcut(
    _ number: String, from input: (value: String, channels: Int), to build: inout NetworkBuilder
  ) {
    let sum = build.current
    let channels = build.currentShape[0]
    build.current = input.value
    if input.channels != channels {
      build.convolution("skip\(number)", norm: "skipnorm\(number)", channels: channels, kernel: 1)
    }
    build.add("add\(number)", sum)
  }

  /// Both papers reduce to a sixteenth; with as few channels as here, the reduction is to a quarter.
  private func appendAttention(_ number: String, to build: inout NetworkBuilder) {
    let squeezed = max(2, build.currentShape[0] / 4)
    switch attention {
    case .squeezeExcitation: build.squeezeExcitation("se\(number)", squeezed: squeezed)
    case .block: build.blockAttention("cbam\(number)", squeezed: squeezed)
    case nil: break
    }
  }
}

/// A modifier of the paper's network, for ablations.
public enum PaperCNNModifier: Hashable, Sendable {
  /// Shortcuts around the convolutions of each stage (He et al. 2016).
  case residual
  /// Squeeze-and-excitation in each stage (Hu et al. 2018).
  case squeezeExcitation
  /// CBAM, channel and spatial attention in each stage (Woo et al. 2018).
  case blockAttention
  /// All widths times a factor.
  case width(Double)
  /// Number of convolutions in each stage.
  case depth(Int)
}

extension PaperCNN {
  /// The network with these changes, in any order; of two kinds of attention the last one stays.
  public func applying(_ modifiers: some Sequence<PaperCNNModifier>) -> PaperCNN {
    var changed = self
    for modifier in modifiers {
      switch modifier {
      case .residual: changed.isResidual = true
      case .squeezeExcitation: changed.attention = .squeezeExcitation
      case .blockAttention: changed.attention = .block
      case .width(let factor):
        func scaled(_ width: Int) -> Int { max(1, Int((Double(width) * factor).rounded())) }
        changed.widths = changed.widths.map(scaled)
        changed.hidden = scaled(changed.hidden)
      case .depth(let depth): changed.depth = max(1, depth)
      }
    }
    return changed
  }
}
