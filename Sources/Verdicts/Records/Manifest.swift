/// A whole `manifest.json`, for readers; writers go through `ManifestWriter`, which never holds all of it.
public struct Manifest: Sendable, Hashable, Codable {
  public let schemaVersion: Int
  public let run: RunHeader
  /// Sorted by path.
  public let videos: [VideoRecord]
  /// Sorted by path and guise; nil in a run without canaries.
  public let canaries: [CanaryRecord]?

  public init(run: RunHeader, videos: [VideoRecord], canaries: [CanaryRecord]? = nil) {
    schemaVersion = VideoRecord.schemaVersion
    self.run = run
    self.canaries = canaries
    self.videos = videos.sorted { $0.source.path < $1.source.path }
  }
}
