import Glibc

/// Computes a video's verdict from the logits of its faces.
///
/// - A track's logit is the mean of its faces' logits after trimming 20 % (rounded down) at each end, so that from five
///   faces on a single outlier (a blink, motion blur) has no effect. Its score is the calibrated probability.
/// - The video's score is that of its most suspicious track: one swapped face among several people suffices.
/// - A track counts if it has at least 2 faces and at least an eighth of the number of frames with faces: otherwise the
///   maximum over tracks would reward every false detection. If no track has that many, all tracks count.
public struct Judge: Sendable, Hashable {
  /// Fraction of a track's logits that is trimmed at each end.
  public static let trimmedFraction = 0.2

  public let thresholds: Thresholds
  public let calibration: Calibration
  /// The trimmed mean in a scan; other methods are for comparison.
  public let aggregation: FrameAggregation

  public init(
    thresholds: Thresholds, calibration: Calibration = .identity, aggregation: FrameAggregation = .trimmedMean
  ) {
    self.thresholds = thresholds
    self.calibration = calibration
    self.aggregation = aggregation
  }

  /// - Parameter tracks: tracks with at least one observation each, in any order.
  /// - Returns: nil without tracks, that is, without faces.
  /// - Throws: `.notFinite` when a logit is not finite.
  public func judge(_ tracks: [FaceTrack]) throws(VerdictsError) -> Judgement? {
    guard !tracks.isEmpty else { return nil }
    var records: [TrackRecord] = []
    for track in tracks.sorted(by: { $0.id < $1.id }) { records.append(try record(track)) }
    let counting = Self.counting(records)
    // The first of equal scores, so that the result depends on the records only.
    guard let score = counting.map(\.score).max(), let deciding = counting.first(where: { $0.score == score }) else {
      return nil
    }
    return Judgement(
      score: score, verdict: thresholds.verdict(for: score), decidingTrack: deciding.id, tracks: records,
      segments: counting.flatMap(segments).sorted { ($0.startMs, $0.track) < ($1.startMs, $1.track) })
  }

  private func record(_ track: FaceTrack) throws(VerdictsError) -> TrackRecord {
    var boxes: [BoxRecord] = []
    for face in track.observations {
      guard face.logit.isFinite else { throw .notFinite(track: track.id, pts: face.pts) }
      boxes.append(BoxRecord(face, score: calibration.score(logit: face.logit.manifestRounded)))
    }
    let logit = aggregation.value(of: boxes.map(\.logit))
    return TrackRecord(id: track.id, boxes: boxes, score: calibration.score(logit: logit))
  }

  /// The tracks that are long enough to count.
  private static func counting(_ tracks: [TrackRecord]) -> [TrackRecord] {
    let framesWithFaces = Set(tracks.flatMap { $0.boxes.map(\.pts) }).count
    let long = tracks.filter { $0.boxes.count >= 2 && $0.boxes.count * 8 >= framesWithFaces }
    return long.isEmpty ? tracks : long
  }

  /// Runs of consecutive faces whose own scores reach the fake threshold.
  private func segments(of track: TrackRecord) -> [SegmentRecord] {
    track.boxes.split { $0.score < thresholds.fake }.compactMap { run in
      guard let first = run.first, let last = run.last, let peak = run.map(\.score).max() else { return nil }
      return SegmentRecord(
        track: track.id, startMs: first.timeMs, endMs: last.timeMs, frames: run.count, peakScore: peak)
    }
  }
}

/// The result for a video's faces.
public struct Judgement: Sendable, Hashable {
  /// P(fake), 0…1.
  public let score: Double
  /// `real`, `fake` or `undecided`.
  public let verdict: Verdict
  /// The track with the video's score.
  public let decidingTrack: Int
  /// All tracks by id, and the suspicious segments of the counting ones, in order of time.
  public let tracks: [TrackRecord]
  public let segments: [SegmentRecord]
}

/// How the logits of a track's faces become one.
public enum FrameAggregation: String, Sendable, Hashable, CaseIterable {
  /// The mean without the 20 % (rounded down) at each end: what a scan does.
  case trimmedMean = "trimmed-mean"
  case mean
  case median
  /// The mean of the greatest quarter (rounded up).
  case topQuarter = "top-quarter"
  case maximum

  /// - Precondition: there is a logit.
  func value(of logits: [Double]) -> Double {
    switch self {
    case .trimmedMean: logits.trimmedMean(fraction: Judge.trimmedFraction)
    case .mean: logits.trimmedMean(fraction: 0)
    case .median: Self.median(logits.sorted())
    case .topQuarter: logits.sorted().suffix((logits.count + 3) / 4).trimmedMean(fraction: 0)
    case .maximum: logits.sorted()[logits.count - 1]
    }
  }

  private static func median(_ sorted: [Double]) -> Double {
    (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

extension Collection where Element == Double {
  /// The mean without the `fraction` of the values (rounded down) that are smallest, and as many that are greatest.
  ///
  /// - Parameter fraction: 0 up to, but not including, 0.5.
  /// - Precondition: there is a value.
  func trimmedMean(fraction: Double) -> Double {
    precondition(!isEmpty, "the mean of no values")
    precondition((0..<0.5).contains(fraction), "cannot trim \(fraction) at both ends")
    let dropped = Int(Double(count) * fraction)
    let kept = sorted().dropFirst(dropped).dropLast(dropped)
    return kept.reduce(0, +) / Double(kept.count)
  }
}

/// The two scores that separate the verdicts.
public struct Thresholds: Sendable, Hashable, Codable {
  /// Below it a video is real.
  public let real: Double
  /// From it on a video is fake; equal to `real` if no score is to be undecided.
  public let fake: Double

  /// Fake from one half on, none undecided.
  public static let even = Thresholds(real: 0.5, fake: 0.5)

  /// - Precondition: `0 ≤ real ≤ fake ≤ 1`.
  public init(real: Double, fake: Double) {
    precondition(0 <= real && real <= fake && fake <= 1, "thresholds \(real) and \(fake) are not in order within 0…1")
    self.real = real.manifestRounded
    self.fake = fake.manifestRounded
  }

  /// - Parameter score: P(fake), 0…1, rounded as it is recorded, so that a row never contradicts itself.
  public func verdict(for score: Double) -> Verdict {
    if score >= fake { return .fake }
    return score < real ? .real : .undecided
  }
}

/// Converts logits to probabilities by Platt scaling: `P(fake) = sigmoid(scale · logit + offset)`.
///
/// J. Platt, "Probabilistic outputs for support vector machines", 1999; fitted on validation data in
/// training.
public struct Calibration: Sendable, Hashable, Codable {
  public let scale: Double
  public let offset: Double
  /// Prevalence of fakes for which the scores are calibrated, above 0 and below 1; nil if they are not calibrated or the
  /// model file does not state it.
  public var prevalence: Double?

  /// The plain sigmoid, of a model that was never calibrated.
  public static let identity = Calibration(scale: 1, offset: 0)

  /// `2.1 · logit - 0.3`.
  public var formula: String { "\(scale) · logit \(offset < 0 ? "-" : "+") \(abs(offset))" }

  /// Whether scale and offset were fitted to data.
  public var isFitted: Bool { prevalence != nil || scale != 1 || offset != 0 }

  /// - Precondition: both are finite and `scale` is positive, so that the calibration keeps the order.
  public init(scale: Double, offset: Double, prevalence: Double? = nil) {
    precondition(scale.isFinite && scale > 0 && offset.isFinite, "calibration \(scale), \(offset) is invalid")
    self.scale = scale
    self.offset = offset
    self.prevalence = prevalence
  }

  /// P(fake), 0…1, rounded as it is recorded.
  public func score(logit: Double) -> Double {
    let x = scale * logit + offset
    // Each branch keeps the exponential from overflowing.
    let probability = x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    return probability.manifestRounded
  }
}
