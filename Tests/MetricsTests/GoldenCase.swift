import Metrics

/// Random scores with ties and what scikit-learn says of them.
struct GoldenCase: Sendable {
  var count: Int
  /// Distinct scores at most.
  var levels: Int
  var fraction: Double
  var seed: UInt64
  var precision, recall, f1, accuracy, balancedAccuracy: Double
  var logLoss, auc, averagePrecision, equalErrorRate, brierScore, calibrationError: Double
  var plattSlope, plattOffset: Double

  /// The scores and labels that `metrics.py` drew.
  var data: ScoredLabels {
    var generator = CongruentialGenerator(state: seed)
    func uniform() -> Double { Double(generator.next() >> 40) / 0x1p24 }
    var scores: [Double] = []
    var labels: [Bool] = []
    for _ in 0..<count {
      let (a, b, c) = (uniform(), uniform(), uniform())
      let isFake = a < fraction
      let raw = 0.6 * b + 0.2 * c + (isFake ? 0.2 : 0)
      scores.append(((raw * Double(levels)).rounded(.down) + 0.5) / Double(levels + 1))
      labels.append(isFake)
    }
    return ScoredLabels(scores: scores, labels: labels)
  }
}

/// Knuth's MMIX generator: one line in any language, so that scripts can draw the same numbers.
struct CongruentialGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }
}
