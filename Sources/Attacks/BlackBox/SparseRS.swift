public import Compute

/// Sparse random search in ℓ0 (Croce et al. 2022, §4): a set of pixels at the corners of the colour cube; every query
/// exchanges some of them, a decreasing number.
public struct SparseRS: Attack {
  public let id = "sparse-rs"
  public let norm = Norm.l0
  public let isWhiteBox = false
  public var queries: Int
  /// Fraction of the pixels that the first queries exchange.
  public var firstFraction: Float

  public init(queries: Int = 1000, firstFraction: Float = 0.3) {
    self.queries = queries
    self.firstFraction = firstFraction
  }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let count = Int(min(epsilon, Float(x.pixelCount)))
    guard count > 0 else { return x }
    var order = Array(0..<x.pixelCount)
    order.shuffle(using: &generator)
    var (chosen, rest) = (Array(order[..<count]), Array(order[count...]))
    var point = x
    for pixel in chosen { paint(&point, pixel, using: &generator) }
    var best = Lowest(point)
    best.offer(point, logit: try oracle.logit(of: point), truth)
    for query in 1..<max(queries, 2) where !best.isFooled(truth) {
      let exchanged = min(max(1, Int(fraction(at: query) * Float(count))), count, rest.count)
      var candidate = best.crop
      var swaps: [(chosen: Int, rest: Int)] = []
      for _ in 0..<exchanged {
        let (a, b) = (generator.index(below: count), generator.index(below: rest.count))
        swaps.append((a, b))
        for place in (3 * chosen[a])..<(3 * chosen[a] + 3) { candidate.values[place] = x.values[place] }
        paint(&candidate, rest[b], using: &generator)
        (chosen[a], rest[b]) = (rest[b], chosen[a])
      }
      let before = best.logit
      best.offer(candidate, logit: try oracle.logit(of: candidate), truth)
      if best.logit == before {
        for swap in swaps.reversed() {
          (chosen[swap.chosen], rest[swap.rest]) = (rest[swap.rest], chosen[swap.chosen])
        }
      }
    }
    return best.crop
  }

  /// The paper's schedule for 10 000 queries, scaled to the budget.
  private func fraction(at query: Int) -> Float {
    let progress = Float(query) / Float(queries) * 10_000
    let factors: [(until: Float, factor: Float)] = [
      (50, 1), (200, 0.5), (500, 0.4), (1000, 0.3), (2000, 0.25), (4000, 0.2), (6000, 0.15), (8000, 0.1),
    ]
    return firstFraction * (factors.first { progress <= $0.until }?.factor ?? 0.05)
  }

  /// Sets each channel to 0 or 1.
  private func paint(_ x: inout CropPixels, _ pixel: Int, using generator: inout SeededGenerator) {
    let bits = generator.next() >> 61
    for channel in 0..<3 { x.values[3 * pixel + channel] = bits >> channel & 1 == 1 ? 1 : 0 }
  }
}
