import Foundation
import Metrics
import Testing

@Suite("Metrics on cases worked out by hand")
struct HandCaseTests {
  private static func data(_ scores: [Double], _ fakes: [Int]) -> ScoredLabels {
    ScoredLabels(scores: scores, labels: fakes.map { $0 == 1 })
  }

  @Test(
    "AUC: ordered, reversed, all tied, mixed",
    arguments: [
      ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1), ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0),
      ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5), ([1, 2, 2, 3], [0, 0, 1, 1], 0.875),
      ([-3, -1, -1, 4, 0], [0, 1, 0, 1, 0], 0.75),
    ] as [([Double], [Int], Double)])
  func auc(_ scores: [Double], _ fakes: [Int], _ expected: Double) {
    #expect(isClose(ThresholdCurve(Self.data(scores, fakes)).auc, expected))
  }

  @Test("undefined metrics are nil")
  func undefined() {
    let empty = Self.data([], [])
    #expect(empty.logLoss() == nil && empty.brierScore == nil && empty.prevalence == nil)
    #expect(ThresholdCurve(empty).auc == nil)
    let reals = Self.data([0.2, 0.6], [0, 0])
    let curve = ThresholdCurve(reals)
    #expect(curve.auc == nil && curve.averagePrecision == nil && curve.equalErrorRate == nil)
    #expect(curve.rocCorners.isEmpty)
    let matrix = ConfusionMatrix(reals, threshold: 0.9)
    #expect(matrix.precision == nil && matrix.recall == nil && matrix.f1 == nil && matrix.balancedAccuracy == nil)
    #expect(matrix.accuracy == 1)
    #expect(PlattCalibration.fit(reals) == nil)
    #expect(Interval.wilson(successes: 0, trials: 0, sources: 20) == nil)
  }

  @Test("a calibration for another prevalence returns that prevalence for an uninformative logit")
  func adaptedCalibration() {
    let fitted = PlattCalibration(slope: 2, offset: 0.3)
    let even = fitted.adapted(fromPrevalence: 0.8, to: 0.5)
    #expect(isClose(even.adapted(fromPrevalence: 0.5, to: 0.8).offset, fitted.offset))
    // Odds of 4 to 1 were the prior's alone; what is left of probability 0.8 is one half.
    let uninformative = (log(4) - fitted.offset) / fitted.slope
    #expect(isClose(fitted.probability(uninformative), 0.8))
    #expect(isClose(even.probability(uninformative), 0.5))
    #expect(isClose(even.adapted(fromPrevalence: 0.5, to: 0.1).probability(uninformative), 0.1))
  }

  @Test("a score equal to the threshold is flagged")
  func threshold() {
    let matrix = ConfusionMatrix(Self.data([0.5, 0.5, 0.4, 0.6], [1, 0, 1, 1]), threshold: 0.5)
    #expect(
      matrix == ConfusionMatrix(truePositives: 2, falsePositives: 1, trueNegatives: 0, falseNegatives: 1))
    #expect(matrix.specificity == 0)
  }

  @Test("precision falls with prevalence")
  func prevalence() {
    let matrix = ConfusionMatrix(truePositives: 90, falsePositives: 1, trueNegatives: 99, falseNegatives: 10)
    #expect(isClose(matrix.precision(atPrevalence: 0.5), 0.9 / 0.91))
    #expect(isClose(matrix.precision(atPrevalence: 0.001), 0.0009 / (0.0009 + 0.01 * 0.999)))
  }

  @Test("equal error rate between two corners of the curve")
  func equalErrorRate() {
    // The curve goes (0, 0) (0, ½) (1, 1): the line from (0, ½) meets 1 - x at x = ⅓.
    #expect(isClose(ThresholdCurve(Self.data([3, 1, 1], [1, 1, 0])).equalErrorRate, 1.0 / 3))
    #expect(isClose(ThresholdCurve(Self.data([2, 1], [1, 0])).equalErrorRate, 0))
    #expect(isClose(ThresholdCurve(Self.data([1, 2], [1, 0])).equalErrorRate, 1))
  }

  @Test("sigmoid and log loss stay finite for huge logits")
  func extremes() {
    #expect(sigmoid(-1000) == 0 && sigmoid(1000) == 1 && sigmoid(0) == 0.5)
    #expect(isClose(logit(sigmoid(3)), 3))
    #expect(isClose(Self.data([-1000, 1000], [1, 1]).logLossOfLogits, 500))
    #expect(Self.data([0, 1], [1, 0]).logLoss()?.isFinite == true)
  }

  @Test(
    "Wilson's interval",
    arguments: [
      (0, 10, 0, 0.277532799862889), (5, 10, 0.236593090512564, 0.763406909487436),
      (10, 10, 0.722467200137111, 1), (81, 263, 0.255288519878, 0.366209576983),
    ])
  func wilson(_ successes: Int, _ trials: Int, _ lower: Double, _ upper: Double) throws {
    let interval = try #require(Interval.wilson(successes: successes, trials: trials, sources: trials))
    #expect(isClose(interval.lower, lower, within: 1e-6))
    #expect(isClose(interval.upper, upper, within: 1e-6))
  }

  @Test("thresholds lie between the scores that they separate")
  func choice() {
    let curve = ThresholdCurve(Self.data([0.9, 0.8, 0.7, 0.6, 0.4, 0.2], [1, 1, 0, 1, 0, 0]))
    #expect(isClose(curve.threshold(forPrecision: 1), 0.75))
    #expect(isClose(curve.threshold(forPrecision: 0.75), 0.5))
    let hopeless = ThresholdCurve(Self.data([0.1, 0.9], [1, 0]))
    #expect(hopeless.threshold(forPrecision: 0.9) == nil)
    let neighbours = Self.data([1, 1.nextUp], [0, 1])
    let threshold = ThresholdCurve(neighbours).threshold(forPrecision: 1) ?? 0
    #expect(ConfusionMatrix(neighbours, threshold: threshold).precision == 1)
  }

  @Test("Platt's calibration of separable and of constant logits stays finite")
  func calibrationExtremes() throws {
    let separable = try #require(PlattCalibration.fit(Self.data([-2, -1, 1, 2], [0, 0, 1, 1])))
    #expect(separable.slope.isFinite && separable.slope > 0)
    let constant = try #require(PlattCalibration.fit(Self.data([1, 1, 1], [0, 1, 1])))
    #expect(isClose(constant.probability(1), (0.75 * 2 + 1.0 / 3) / 3, within: 1e-6))
    let huge = try #require(PlattCalibration.fit(Self.data([-900, 800, 1000, -700, 10], [0, 1, 1, 0, 0])))
    #expect(huge.slope.isFinite && huge.offset.isFinite)
  }
}
