import Imaging
import Testing

@testable import Verdicts

@Suite("Detection before and after an attack")
struct DetectionRecordTests {
  @Test("gaps lie between two detections of a track, not before the first or after the last")
  func gaps() {
    let record = DetectionRecord(tracksByFrame: [[], [1], [2], [1, 2], [], [], [1], [2], []])
    #expect(record.frames == 9 && record.withFaces == 5 && record.tracks == 2)
    // Track 1 is missing in frame 2 and in 4 and 5; track 2 in 4 to 6.
    #expect(record.gaps == 3 && record.framesInGaps == 6)
    #expect(DetectionRecord(tracksByFrame: []).rate == nil)
  }

  @Test(
    "faces that vanish never clear a video",
    arguments: [
      // Frames with faces after the attack (of 8, all of which had one), the verdict of what is left, what is told.
      (0, Verdict.real, Verdict.noFace), (3, .real, .undecided), (3, .fake, .fake), (3, .undecided, .undecided),
      (4, .real, .real), (8, .real, .real),
    ])
  func guarded(left: Int, verdict: Verdict, told: Verdict) {
    let before = DetectionRecord(tracksByFrame: Array(repeating: [0], count: 8))
    let after = DetectionRecord(
      tracksByFrame: Array(repeating: [0], count: left) + Array(repeating: [], count: 8 - left))
    #expect(after.guarded(verdict, since: before) == told)
    #expect(after.isBlinded(since: before) == (left < 4))
  }

  @Test("a gap counts neither as real nor as fake: the score depends on the detected faces")
  func gapsDoNotCount() throws {
    let judge = Judge(thresholds: Thresholds(real: 0.4, fake: 0.6))
    func track(_ frames: [Int]) -> FaceTrack {
      FaceTrack(
        id: 0,
        observations: frames.map {
          FaceObservation(
            pts: Int64($0), timeMs: $0 * 40, box: Box(x: 0, y: 0, width: 9, height: 9), confidence: 1, logit: 2)
        })
    }
    let whole = try #require(try judge.judge([track(Array(0..<16))]))
    let torn = try #require(try judge.judge([track([0, 1, 9, 15])]))
    #expect(whole.score == torn.score && torn.verdict == .fake)
    #expect(try judge.judge([]) == nil)
  }

  @Test("re-encoding: the range includes the video's own score, and failed encodings flip nothing")
  func recompression() {
    let record = RecompressionRecord(
      of: .undecided, score: 0.7, distance: 0.1,
      variants: [
        .init(crf: 23, isHalfSize: false, score: 0.65, verdict: .undecided),
        .init(crf: 40, isHalfSize: false, score: nil, verdict: .failed),
      ])
    #expect(record.lowest == 0.65 && record.highest == 0.7 && !record.flips)
    #expect(record.text == "re-encoded: 0.65–0.7")
    let vanished = RecompressionRecord(
      of: .fake, score: 0.9, distance: 0.1, variants: [.init(crf: 40, isHalfSize: true, score: nil, verdict: .noFace)])
    #expect(vanished.flips && vanished.lowest == 0.9 && vanished.highest == 0.9)
  }

  @Test(
    "undecided scores and scores near a threshold are borderline",
    arguments: [(0.29, false), (0.31, true), (0.5, true), (0.69, true), (0.71, false)])
  func borderline(score: Double, isBorderline: Bool) {
    #expect(Thresholds(real: 0.4, fake: 0.6).isBorderline(score, distance: 0.1) == isBorderline)
  }
}
