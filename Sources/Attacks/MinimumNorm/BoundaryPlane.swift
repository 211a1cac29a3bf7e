/// Where the detector's boundary would be if its logit were linear.
struct BoundaryPlane {
  /// The margin's gradient, and the margin at the pixel values 0.
  private let slope: [Float]
  private let offset: Double

  init(through point: CropPixels, logit: Float, gradient: [Float], _ truth: TrueClass) {
    slope = gradient.map { truth.sign * $0 }
    var product = 0.0
    for i in slope.indices { product += Double(slope[i]) * Double(point.values[i]) }
    offset = Double(truth.margin(logit)) - product
  }

  /// The smallest change of `x` within [0, 1] that reaches the plane, or as near to it as the box allows; nil where the
  /// logit is flat.
  func shortestWay(from x: CropPixels, _ norm: Norm) -> [Float]? {
    var margin = offset
    for i in slope.indices { margin += Double(slope[i]) * Double(x.values[i]) }
    // How far each value may go in the direction that brings the plane nearer.
    let sign: Float = margin > 0 ? -1 : 1
    let room = slope.indices.map { slope[$0] * sign > 0 ? 1 - x.values[$0] : x.values[$0] }
    func gained(_ length: Float) -> Double {
      var sum = 0.0
      for i in slope.indices { sum += Double(abs(slope[i]) * min(reach(i, length, norm), room[i])) }
      return sum
    }
    guard let steepest = slope.map({ abs($0) }).max(), steepest > 0 else { return nil }
    // For ℓ∞ every value moves by `length`; for ℓ2 by `length` times its slope.
    var (low, high): (Float, Float) = (0, norm == .linf ? 1 : 1 / steepest)
    if norm == .l2 { for _ in 0..<60 where gained(high) < abs(margin) { high *= 2 } }
    for _ in 0..<30 {
      let middle = (low + high) / 2
      if gained(middle) < abs(margin) { low = middle } else { high = middle }
    }
    return slope.indices.map { i in
      let way = min(reach(i, high, norm), room[i])
      return slope[i] * sign > 0 ? way : slope[i] == 0 ? 0 : -way
    }
  }

  private func reach(_ i: Int, _ length: Float, _ norm: Norm) -> Float {
    norm == .linf ? (slope[i] == 0 ? 0 : length) : length * abs(slope[i])
  }
}
