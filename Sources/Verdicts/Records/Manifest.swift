/// A whole `manifest.json`, for readers; writers go through `ManifestWriter`, which never holds all of it.
public struct Manifest: Sendable, Hashable, Codable {
  public let schemaVersion: Int
  public let run: RunHeader
  /// Sorted by path.
  public let videos: [VideoRecord]

  public init(run: RunHeader, videos: [VideoRecord]) {
    schemaVersion = VideoRecord.schemaVersion
    self.run = run
    self.videos = videos.sorted { $0.source.path < $1.source.path }
  }
}
