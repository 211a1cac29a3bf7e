/// When a sampled frame is shown, and what it was.
public struct SampledFrame: Sendable, Hashable {
  /// Ticks of the video's time base. Where the container has no timestamps, or they jump, they are made up so that
  /// frames follow each other at their own pace.
  public var pts: Int64
  /// Since the first frame of the video.
  public var seconds: Double
  public var isKeyFrame: Bool
}
