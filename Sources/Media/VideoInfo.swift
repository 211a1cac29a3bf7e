/// What is known of a video before its frames are decoded.
public struct VideoInfo: Sendable, Hashable, Codable {
  /// FFmpeg's names.
  public var container: String
  public var codec: String
  /// Size of the coded pictures, and of the upright pictures with square pixels, as far as the container knows.
  public var codedWidth: Int
  public var codedHeight: Int
  public var displayWidth: Int
  public var displayHeight: Int
  /// Degrees clockwise by which coded pictures are turned to be upright: 0, 90, 180 or 270.
  public var rotation: Int
  /// Seconds per tick of every `pts`, as a fraction.
  public var timeBaseNumerator: Int
  public var timeBaseDenominator: Int
  /// Time of the first frame that is shown, in ticks.
  public var startPTS: Int64
  /// As the container declares it; nil when it does not.
  public var durationSeconds: Double?
  /// Frames a second on average; nil when it is not known.
  public var frameRate: Double?
  /// Frames that can be shown, counted.
  public var frameCount: Int
}
