import Metrics
import Testing

@Suite("Metrics agree with scikit-learn")
struct GoldenTests {
  @Test("decisions at 0.5", arguments: GoldenMetrics.cases)
  func decisions(_ golden: GoldenCase) throws {
    let matrix = ConfusionMatrix(golden.data, threshold: 0.5)
    #expect(matrix.count == golden.count)
    #expect(isClose(matrix.precision, golden.precision))
    #expect(isClose(matrix.recall, golden.recall))
    #expect(isClose(matrix.f1, golden.f1))
    #expect(isClose(matrix.accuracy, golden.accuracy))
    #expect(isClose(matrix.balancedAccuracy, golden.balancedAccuracy))
  }

  @Test("ranking", arguments: GoldenMetrics.cases)
  func ranking(_ golden: GoldenCase) throws {
    let curve = ThresholdCurve(golden.data)
    #expect(isClose(curve.auc, golden.auc))
    #expect(isClose(curve.averagePrecision, golden.averagePrecision))
    #expect(isClose(curve.equalErrorRate, golden.equalErrorRate))
    let corners = curve.rocCorners
    let area = zip(corners, corners.dropFirst()).reduce(0) { sum, side in
      let (a, b) = side
      return sum + (b.falsePositiveRate - a.falsePositiveRate) * (a.recall + b.recall) / 2
    }
    #expect(isClose(area, golden.auc))
    #expect(corners.count < curve.points.count)
  }

  @Test("probabilities", arguments: GoldenMetrics.cases)
  func probabilities(_ golden: GoldenCase) throws {
    let data = golden.data
    #expect(isClose(data.logLoss(), golden.logLoss))
    #expect(isClose(data.brierScore, golden.brierScore))
    #expect(isClose(Reliability(data).expectedCalibrationError, golden.calibrationError))
    let logits = ScoredLabels(scores: data.scores.map(logit), labels: data.labels)
    #expect(isClose(logits.logLossOfLogits, golden.logLoss))
  }

  @Test("Platt's calibration", arguments: GoldenMetrics.cases)
  func calibration(_ golden: GoldenCase) throws {
    let data = golden.data
    let fit = try #require(PlattCalibration.fit(ScoredLabels(scores: data.scores.map(logit), labels: data.labels)))
    // scikit-learn's optimiser stops early.
    #expect(isClose(fit.slope, golden.plattSlope, within: 1e-4))
    #expect(isClose(fit.offset, golden.plattOffset, within: 1e-4))
  }
}

func isClose(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-9) -> Bool {
  value.map { abs($0 - expected) <= tolerance } ?? false
}
