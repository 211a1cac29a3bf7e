import Decoder

/// Joins the video tracks of a file, which pass through the stages as videos of their own.
struct TrackGathering {
  private static let mostVideos = 1 << 40

  private var waiting: [Int: [ScoredVideo]] = [:]

  /// The number of a video's track in the pipeline; that of the first one is the video's own.
  static func number(ofTrack track: Int, video: Int) -> Int { video + track * mostVideos }

  /// - Returns: the video with its other tracks once all have come; nil before.
  mutating func add(_ track: ScoredVideo) -> ScoredVideo? {
    guard track.file.trackCount > 1 else { return track }
    let video = track.number % Self.mostVideos
    waiting[video, default: []].append(track)
    guard let tracks = waiting[video], tracks.count == track.file.trackCount else { return nil }
    waiting[video] = nil
    let sorted = tracks.sorted { $0.number < $1.number }
    var first = sorted[0]
    first.otherTracks = Array(sorted.dropFirst())
    return first
  }
}
