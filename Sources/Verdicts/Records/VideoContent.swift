/// What was decoded of a video.
public struct VideoContent: Sendable, Hashable, Codable {
  /// Nil when it is unknown.
  @ExplicitNull public var durationSeconds: Double?
  /// Unit of every `pts`; nil when nothing was decoded.
  @ExplicitNull public var timeBase: TimeBase?
  public var frames: FrameCounts

  public init(durationSeconds: Double? = nil, timeBase: TimeBase? = nil, frames: FrameCounts) {
    self.durationSeconds = durationSeconds?.manifestRounded
    self.timeBase = timeBase
    self.frames = frames
  }
}

/// Seconds per tick, as a fraction.
public struct TimeBase: Sendable, Hashable, Codable {
  public let numerator: Int
  public let denominator: Int

  public init(numerator: Int, denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }
}

/// Frames that were asked for, that could be decoded, and in which a face was found.
public struct FrameCounts: Sendable, Hashable, Codable {
  public let asked: Int
  public let decoded: Int
  public let withFaces: Int

  public init(asked: Int, decoded: Int = 0, withFaces: Int = 0) {
    self.asked = asked
    self.decoded = decoded
    self.withFaces = withFaces
  }
}
