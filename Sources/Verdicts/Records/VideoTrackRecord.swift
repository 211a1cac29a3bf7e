/// A video track of a file that has several, with what was found in it.
public struct VideoTrackRecord: Sendable, Hashable, Codable {
  /// Position among all streams of the container, from 0.
  public let stream: Int
  public let codec: String
  /// Of the coded pictures.
  public let width: Int
  public let height: Int
  /// Nil for a track that was not looked at; a warning says why.
  @ExplicitNull public private(set) var verdict: Verdict?
  @ExplicitNull public private(set) var score: Double?
  @ExplicitNull public private(set) var reason: FailureReason?
  /// Whether the rest of the row is about this track.
  public let isDeciding: Bool

  /// - Parameter finding: nil for a track that was not looked at.
  public init(
    stream: Int, codec: String, width: Int, height: Int, finding: Finding?, isDeciding: Bool
  ) {
    self.stream = stream
    self.codec = codec
    self.width = width
    self.height = height
    verdict = finding?.verdict
    score = finding?.score
    reason = finding?.reason
    self.isDeciding = isDeciding
  }

  /// The track that a row is about: the one with the highest score that is not real; else the one that players show, if
  /// nothing can be said about it; else the one with the highest score, and without a score the one that players show.
  ///
  /// - Parameter findings: of the tracks, the one that players show first; nil for tracks that were not looked at.
  /// - Precondition: the first track was looked at.
  public static func mostSuspicious(of findings: [Finding?]) -> Int {
    precondition(findings.first.flatMap { $0 } != nil, "the first video track was not looked at")
    return mostSuspicious(findings.map { $0.map { ($0.verdict, $0.score) } })
  }

  /// The same for tracks that were recorded; nil when the first of them was not looked at.
  public static func mostSuspicious(of tracks: [VideoTrackRecord]) -> Int? {
    guard tracks.first?.verdict != nil else { return nil }
    return mostSuspicious(tracks.map { track in track.verdict.map { ($0, track.score) } })
  }

  private static func mostSuspicious(_ tracks: [(verdict: Verdict, score: Double?)?]) -> Int {
    func rank(_ index: Int) -> (Int, Double) {
      guard let track = tracks[index] else { return (-1, 0) }
      return switch track.verdict {
      case .fake: (4, track.score ?? 0)
      case .undecided: (3, track.score ?? 0)
      case .failed: (index == 0 ? 2 : -1, 0)
      case .real: (1, track.score ?? 0)
      case .noFace: (0, 0)
      }
    }
    // The first of equals.
    return tracks.indices.dropFirst().reduce(0) { rank($1) > rank($0) ? $1 : $0 }
  }
}

/// A transfer function of high dynamic range, whose pictures were mapped to SDR.
public enum DynamicRangeRecord: String, Sendable, Hashable, Codable {
  /// Perceptual quantiser, SMPTE ST 2084.
  case pq
  /// Hybrid log-gamma, ARIB STD-B67.
  case hlg
}
