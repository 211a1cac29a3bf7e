public import Compute

/// Euclidean norm over all gradients.
public enum GradientNorm {
  public static func of(_ gradients: [String: Tensor]) -> Float {
    // Sorted, because the order of summation affects rounding, and training must be reproducible.
    let squares = gradients.sorted { $0.key < $1.key }.reduce(0.0) { $0 + $1.value.dot($1.value) }
    return Float(squares.squareRoot())
  }

  /// Clips the gradients to the norm `limit` (Pascanu et al. 2013).
  ///
  /// - Returns: the norm before clipping.
  public static func clip(_ gradients: inout [String: Tensor], to limit: Float) -> Float {
    let norm = of(gradients)
    guard norm > limit, norm.isFinite else { return norm }
    for name in gradients.keys { gradients[name]?.scale(by: limit / norm) }
    return norm
  }
}
