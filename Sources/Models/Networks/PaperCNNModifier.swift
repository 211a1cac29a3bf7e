/// One change of the paper's network, for measuring what it buys.
public enum PaperCNNModifier: Hashable, Sendable {
  /// Shortcuts around the convolutions of each stage (He et al. 2016).
  case residual
  /// Squeeze-and-excitation in each stage (Hu et al. 2018).
  case squeezeExcitation
  /// CBAM, attention to channels and places, in each stage (Woo et al. 2018).
  case blockAttention
  /// All widths times a factor.
  case width(Double)
  /// So many convolutions in each stage.
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
