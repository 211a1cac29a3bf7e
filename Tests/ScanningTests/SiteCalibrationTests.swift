import Attacks
import Compute
import Decoder
import Testing
import Verdicts

@testable import Runs
@testable import Scanning
@testable import Scoring

@Suite("Site calibration")
struct SiteCalibrationTests {
  private static func context(_ values: [String: String] = ["frames": "16"], model: String = "ab") -> ScanContext {
    ScanContext(
      model: ModelRecord(name: "m", sha256: model), thresholds: .even, detector: "standard-0123456789ab",
      decoder: DecoderRecord(name: "ffmpeg", versions: [:]), settings: SettingsRecord(values: values, hash: ""))
  }

  private static func fit(_ scores: [Double], _ rate: Double, flag: Double? = nil) throws -> SiteCalibration {
    try SiteCalibration(
      scores: scores, falsePositiveRate: rate, flagRate: flag ?? rate, context: context(),
      createdAt: Timestamp(nanosecondsSinceEpoch: 0))
  }

  /// Scores of real videos: mostly low, some high; with few steps, many are equal.
  private static func scores(_ count: Int, steps: Double, _ generator: inout SeededGenerator) -> [Double] {
    (0..<count).map { _ in
      let value = Double(generator.uniform())
      return (value * value * value * steps).rounded(.down) / steps
    }
  }

  @Test("on average, no more than the rate of further real videos is called fake", arguments: [1e6, 50.0])
  func guarantee(steps: Double) throws {
    var generator = SeededGenerator(seed: 5, path: [])
    for (count, rate) in [(120, 0.05), (99, 0.01), (40, 0.2)] {
      var fractions: [Double] = []
      for _ in 0..<400 {
        let thresholds = try Self.fit(Self.scores(count, steps: steps, &generator), rate).thresholds
        let fresh = Self.scores(500, steps: steps, &generator)
        fractions.append(Double(fresh.count { thresholds.verdict(for: $0) == .fake }) / 500)
      }
      let mean = fractions.reduce(0, +) / 400
      // Without ties the expected fraction is that of the ranks above the chosen one, 1/(n + 1) each.
      let expected = Double(count + 1 - Int((Double(count + 1) * (1 - rate) - 1e-9).rounded(.up))) / Double(count + 1)
      #expect(expected <= rate + 1e-9)
      #expect(mean < expected + 0.01, "\(count) videos, rate \(rate): \(mean)")
      if steps > 1000 { #expect(mean > expected - 0.01, "\(count) videos, rate \(rate): \(mean)") }
    }
  }

  @Test("a rate that so few videos cannot guarantee is refused, with the number it needs")
  func tooFew() throws {
    let scores = (0..<98).map { Double($0) / 1000 }
    let error = #expect(throws: WorkflowError.self) { try Self.fit(scores, 0.01) }
    #expect(error.map { "\($0)".contains("needs 99") } == true)
    // With one more, the largest score of a real video is the threshold, and itself still real.
    let thresholds = try Self.fit(scores + [0.4], 0.01, flag: 0.1).thresholds
    #expect(thresholds.verdict(for: 0.4) == .undecided && thresholds.verdict(for: 0.400001) == .fake)
    #expect(thresholds.verdict(for: 0.089) == .real && thresholds.verdict(for: 0.09) == .undecided)
    #expect(throws: WorkflowError.self) { try Self.fit(scores + [1], 0.01) }
  }

  @Test("another model and other settings that change scores are refused, others are not")
  func mismatch() throws {
    let values = [
      "frames": "16", "decode": "exact", "faces": "detect", "detector": "standard-0123456789ab",
      "timeoutSeconds": "300",
    ]
    let calibration = try SiteCalibration(
      scores: [0.1, 0.2, 0.3], falsePositiveRate: 0.3, flagRate: 0.5, context: Self.context(values),
      createdAt: Timestamp(nanosecondsSinceEpoch: 0))
    try calibration.check(Self.context(values.merging(["timeoutSeconds": "9", "margin": "true"]) { $1 }))
    for (key, value) in [("frames", "8"), ("decode", "fast"), ("detector", "yunet-1"), ("defence", "jpeg:75")] {
      let error = #expect(throws: WorkflowError.self, "\(key)") {
        try calibration.check(Self.context(values.merging([key: value]) { $1 }))
      }
      #expect(error.map { "\($0)".contains(key) && "\($0)".contains(value) } == true)
    }
    #expect(throws: WorkflowError.self) { try calibration.check(Self.context(values, model: "cd")) }
  }

  @Test("rows record it, and read back they have no threshold of their own")
  func recorded() throws {
    var settings = ScanSettings()
    settings.calibration = try Self.fit([0.1, 0.2, 0.3], 0.3)
    let record = settings.record(detector: "standard-0123456789ab", flag: nil, opinion: nil, isFirstPass: false)
    #expect(record.values["threshold"] == "site")
    #expect(record.values["calibration"] == "3 real videos, rates 0.3 and 0.3, thresholds 0.300001 and 0.300001")
    settings.calibration = nil
    #expect(try ScanSettings(record) == settings)
  }
}
