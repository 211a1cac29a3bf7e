public import Compute

/// HopSkipJump in ℓ2 (Chen, Jordan and Wainwright 2020), a decision-based attack: moves along the decision boundary,
/// whose normal it estimates from random probes, towards the crop.
public struct HopSkipJump: Attack {
  public let id = "hopskipjump"
  public let norm = Norm.l2
  public let isMinimal = true
  public let usesBudget = false
  public let isWhiteBox = false
  public var queries: Int
  public var firstProbes: Int

  public init(queries: Int = 2000, firstProbes: Int = 50) {
    self.queries = queries
    self.firstProbes = firstProbes
  }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    var count = CountedDecision(oracle, truth, limit: queries)
    guard var point = try start(x, &count, using: &generator) else { return x }
    point = try bisected(point, x, &count)
    var round = 1
    while !count.isSpent {
      let distance = PerturbationSize(from: x, to: point).l2
      let probes = Int(Float(firstProbes) * Float(round).squareRoot())
      // The paper's δ: probe distance as a fraction of the distance to the crop, scaled to the dimension.
      let spread = distance / Float(x.values.count).squareRoot()
      let normal = try estimatedNormal(at: point, spread: spread, probes: probes, &count, using: &generator)
      guard let moved = try stepped(point, along: normal, first: distance / Float(round).squareRoot(), &count) else {
        break
      }
      let nearer = try bisected(moved, x, &count)
      if PerturbationSize(from: x, to: nearer).l2 < distance { point = nearer }
      round += 1
    }
    return point
  }

  /// Misclassified noise, blended with the crop as far as it stays misclassified.
  private func start(
    _ x: CropPixels, _ decision: inout CountedDecision, using generator: inout SeededGenerator
  ) throws -> CropPixels? {
    for _ in 0..<100 where !decision.isSpent {
      var noise = x
      // Alternates flat colours and noise, because face detectors respond differently to them.
      let flat = generator.uniform()
      let fraction = generator.uniform()
      for i in noise.values.indices { noise.values[i] = fraction * flat + (1 - fraction) * generator.uniform() }
      if try decision.isFooled(by: noise) { return noise }
    }
    return nil
  }

  /// The misclassified point nearest to the crop on the segment between it and `fooling`.
  private func bisected(
    _ fooling: CropPixels, _ x: CropPixels, _ decision: inout CountedDecision
  ) throws -> CropPixels {
    var (low, high): (Float, Float) = (0, 1)
    var best = fooling
    while high - low > 1e-3, !decision.isSpent {
      let middle = (low + high) / 2
      var candidate = x
      for i in candidate.values.indices { candidate.values[i] += middle * (fooling.values[i] - x.values[i]) }
      if try decision.isFooled(by: candidate) {
        (high, best) = (middle, candidate)
      } else {
        low = middle
      }
    }
    return best
  }

  private func estimatedNormal(
    at point: CropPixels, spread: Float, probes: Int, _ decision: inout CountedDecision,
    using generator: inout SeededGenerator
  ) throws -> [Float] {
    var sums = ([Float](repeating: 0, count: point.values.count), [Float](repeating: 0, count: point.values.count))
    var counts: (fooled: Float, other: Float) = (0, 0)
    var probe = point
    for _ in 0..<probes where !decision.isSpent {
      // Normal deviates would be equivalent in so many dimensions, but more expensive.
      let direction = point.values.indices.map { _ -> Float in generator.next() >> 63 == 0 ? 1 : -1 }
      for i in direction.indices { probe.values[i] = min(max(point.values[i] + spread * direction[i], 0), 1) }
      if try decision.isFooled(by: probe) {
        counts.fooled += 1
        for i in direction.indices { sums.0[i] += direction[i] }
      } else {
        counts.other += 1
        for i in direction.indices { sums.1[i] += direction[i] }
      }
    }
    // Relative to the mean of all probes (equation 16).
    let (a, b) = (1 / max(counts.fooled, 1), 1 / max(counts.other, 1))
    return sums.0.indices.map { a * sums.0[$0] - b * sums.1[$0] }
  }

  /// The longest step along the normal that is misclassified, by repeated halving.
  private func stepped(
    _ point: CropPixels, along normal: [Float], first: Float, _ decision: inout CountedDecision
  ) throws -> CropPixels? {
    let length = normal.length
    guard length > 0 else { return nil }
    var step = first
    for _ in 0..<12 where !decision.isSpent {
      var candidate = point
      for i in candidate.values.indices {
        candidate.values[i] = min(max(point.values[i] + step * normal[i] / length, 0), 1)
      }
      if try decision.isFooled(by: candidate) { return candidate }
      step /= 2
    }
    return point
  }
}

/// A model's decision, limited to a number of queries.
private struct CountedDecision {
  private let oracle: any GradientOracle
  private let truth: TrueClass
  private let limit: Int
  private var used = 0

  init(_ oracle: any GradientOracle, _ truth: TrueClass, limit: Int) {
    self.oracle = oracle
    self.truth = truth
    self.limit = limit
  }

  var isSpent: Bool { used >= limit }

  mutating func isFooled(by x: CropPixels) throws -> Bool {
    used += 1
    return truth.isFooled(by: try oracle.logit(of: x))
  }
}
