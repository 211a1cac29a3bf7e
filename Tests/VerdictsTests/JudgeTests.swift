import Glibc
import Testing

@testable import Verdicts

@Suite("Judge")
struct JudgeTests {
  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test(
    "20 % are trimmed at each end, rounded down",
    arguments: [
      ([4.0], 4.0), ([1, 3], 2), ([0, 0, 0, 100], 25), ([-100, 1, 2, 3, 100], 2), ([9, 1, 2, 3, -100, 100, 3], 3.6),
      ([0, 10, 1, 9, 2, 8, 3, 7, 4, 600], 5.5),
    ] as [([Double], Double)])
  func trimmedMean(_ values: [Double], _ expected: Double) {
    #expect(abs(values.trimmedMean(fraction: 0.2) - expected) < 1e-12)
  }

  @Test("a single outlier has no effect")
  func outlier() throws {
    let judgement = try #require(try Examples.judge.judge([Examples.track(1, [-3, -3, 30, -3, -3])]))
    #expect(abs(judgement.score - sigmoid(-3)) < 1e-6)
    #expect(judgement.verdict == .real)
  }

  @Test("the video takes its most suspicious track")
  func mostSuspicious() throws {
    let tracks = [Examples.track(7, [-5, -5, -5]), Examples.track(3, [2, 2, 2]), Examples.track(5, [1, 1, 1])]
    let judgement = try #require(try Examples.judge.judge(tracks))
    #expect(judgement.decidingTrack == 3)
    #expect(judgement.verdict == .fake)
    #expect(abs(judgement.score - sigmoid(2)) < 1e-6)
    #expect(judgement.tracks.map(\.id) == [3, 5, 7])
  }

  @Test("a track of one face does not count if there are longer ones")
  func shortTrack() throws {
    let tracks = [Examples.track(1, [-4, -4, -4, -4]), Examples.track(2, [9])]
    let judgement = try #require(try Examples.judge.judge(tracks))
    #expect(judgement.decidingTrack == 1)
    #expect(judgement.verdict == .real)
    #expect(judgement.segments.isEmpty)
    #expect(judgement.tracks.count == 2)
  }

  @Test("with many frames, a track needs an eighth of them")
  func eighth() throws {
    let long = Examples.track(1, [Double](repeating: -4, count: 32))
    let three = try #require(try Examples.judge.judge([long, Examples.track(2, [9, 9, 9])]))
    #expect(three.verdict == .real)
    let four = try #require(try Examples.judge.judge([long, Examples.track(2, [9, 9, 9, 9])]))
    #expect(four.verdict == .fake)
  }

  @Test("if all tracks have a single face, they count")
  func onlySingles() throws {
    let judgement = try #require(
      try Examples.judge.judge([Examples.track(1, [-4]), Examples.track(2, [4], firstPts: 5)]))
    #expect(judgement.decidingTrack == 2)
    #expect(judgement.verdict == .fake)
  }

  @Test("no judgement without faces")
  func nothing() throws {
    #expect(try Examples.judge.judge([]) == nil)
  }

  @Test("a logit that is not finite is an error", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(_ logit: Double) {
    #expect(throws: VerdictsError.notFinite(track: 4, pts: 1)) {
      try Examples.judge.judge([Examples.track(4, [0, logit])])
    }
  }

  @Test("suspicious segments are runs of fake faces, with times and peaks")
  func segments() throws {
    let tracks = [
      Examples.track(1, [5, 5, -5, 3, -5, 2, 4, 1]), Examples.track(2, [-5, 6, -5]),
    ]
    let judgement = try #require(try Examples.judge.judge(tracks))
    let found = judgement.segments.map { [$0.track, $0.startMs, $0.endMs, $0.frames] }
    #expect(found == [[1, 0, 100, 2], [2, 100, 100, 1], [1, 300, 300, 1], [1, 500, 700, 3]])
    #expect(abs((judgement.segments.last?.peakScore ?? 0) - sigmoid(4)) < 1e-6)
  }

  @Test("the order of tracks has no effect, and the first of equal tracks decides")
  func order() throws {
    let tracks = [Examples.track(2, [1, 1]), Examples.track(1, [1, 1]), Examples.track(3, [0, 0])]
    let judgement = try #require(try Examples.judge.judge(tracks))
    #expect(judgement.decidingTrack == 1)
    #expect(try Examples.judge.judge(tracks.reversed()) == judgement)
  }

  @Test("recorded logits reproduce the recorded score")
  func reproducible() throws {
    let track = Examples.track(1, [0.123_456_78, 1.1 / 3, -2 / 3.0, 0.777_777_77, 0.5])
    let first = try #require(try Examples.judge.judge([track]))
    let recorded = try #require(first.tracks.first).boxes.map(\.logit)
    let second = try #require(try Examples.judge.judge([Examples.track(1, recorded)]))
    #expect(second == first)
  }

  @Test(
    "a score on a threshold belongs to the higher verdict",
    arguments: [
      (0.0, Verdict.real), (0.399_999, .real), (0.4, .undecided), (0.699_999, .undecided), (0.7, .fake), (1, .fake),
    ])
  func thresholds(_ score: Double, _ verdict: Verdict) {
    #expect(Thresholds(real: 0.4, fake: 0.7).verdict(for: score) == verdict)
  }

  @Test("with a single threshold, no video is undecided")
  func oneThreshold() {
    let thresholds = Thresholds(real: 0.5, fake: 0.5)
    #expect(thresholds.verdict(for: 0.499_999) == .real)
    #expect(thresholds.verdict(for: 0.5) == .fake)
  }

  @Test("calibration scales and shifts the logit, and large logits stay within 0…1")
  func calibration() {
    let calibration = Calibration(scale: 2, offset: -1)
    #expect(abs(calibration.score(logit: 0.75) - sigmoid(0.5)) < 1e-6)
    #expect(Calibration.identity.score(logit: 0) == 0.5)
    #expect(Calibration.identity.score(logit: 1e308) == 1)
    #expect(Calibration.identity.score(logit: -1e308) == 0)
  }
}
