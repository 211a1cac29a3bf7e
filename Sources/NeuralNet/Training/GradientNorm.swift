public import Compute

/// The Euclidean norm over all gradients together.
public enum GradientNorm {
  public static func of(_ gradients: [String: Tensor]) -> Float {
    // Sorted, because the order of a sum changes its rounding and training is to be reproducible.
    let squares = gradients.sorted { $0.key < $1.key }.reduce(0.0) { $0 + $1.value.dot($1.value) }
    return Float(squares.squareRoot())
  }

  /// Shortens the gradients to `limit` when they are longer (Pascanu et al. 2013).
  ///
  /// - Returns: the norm before that.
  public static func clip(_ gradients: inout [String: Tensor], to limit: Float) -> Float {
    let norm = of(gradients)
    guard norm > limit, norm.isFinite else { return norm }
    for name in gradients.keys { gradients[name]?.scale(by: limit / norm) }
    return norm
  }
}
