/// What a file may ask of the decoder; one that asks for more fails with `MediaError.limit`.
public struct DecodeLimits: Sendable, Hashable {
  /// Pixels of one frame.
  public var maxPixels = 50_000_000
  /// Streams of a container.
  public var maxStreams = 64
  /// Packets of the video stream: 27 hours at 30 frames a second, and at most 100 MB for their index.
  public var maxPackets = 3_000_000
  /// Time from the first frame to the last: three years.
  public var maxSeconds = 1e8

  public init() {}
}
