import Imaging
import Testing

@testable import Verdicts

@Suite("Aggregation of a track's logits")
struct FrameAggregationTests {
  @Test(
    "by hand",
    arguments: [
      (FrameAggregation.mean, [1.0, 2, 3, 10], 4.0), (.median, [10.0, 1, 2, 3], 2.5), (.median, [3.0, 1, 2], 2),
      (.maximum, [1.0, 10, 3], 10), (.topQuarter, [1.0, 2, 3, 4, 5], 4.5), (.topQuarter, [7.0], 7),
      (.trimmedMean, [1.0, 2, 3, 4, 100], 3), (.trimmedMean, [1.0, 2, 9], 4),
    ])
  func values(_ way: FrameAggregation, _ logits: [Double], _ expected: Double) {
    #expect(abs(way.value(of: logits) - expected) < 1e-12)
  }

  @Test("a judge uses its aggregation, by default the trimmed mean")
  func judge() throws {
    let box = Box(x: 0, y: 0, width: 10, height: 10)
    let track = FaceTrack(
      id: 0,
      observations: [0.0, 0, 0, 0, 5].enumerated().map { index, logit in
        FaceObservation(pts: Int64(index), timeMs: index, box: box, confidence: 1, logit: logit)
      })
    let thresholds = Thresholds(real: 0.5, fake: 0.5)
    #expect(try Judge(thresholds: thresholds).judge([track])?.score == 0.5)
    #expect(try Judge(thresholds: thresholds, aggregation: .maximum).judge([track])?.score ?? 0 > 0.99)
  }
}
