/// Which detection continues which track: the nearest pairs first, each used once.
struct TrackMatching {
  /// Indices into tracks and candidates.
  private(set) var pairs: [(track: Int, candidate: Int)] = []
  private(set) var lostTracks: [Int] = []
  private(set) var newFaces: [Int] = []

  init(tracks: [Track], candidates: [Detection]) {
    var distances: [(distance: Double, track: Int, candidate: Int)] = []
    for (t, track) in tracks.enumerated() {
      for (c, candidate) in candidates.enumerated() {
        if let distance = track.distance(to: candidate) { distances.append((distance, t, c)) }
      }
    }
    distances.sort { ($0.distance, $0.track, $0.candidate) < ($1.distance, $1.track, $1.candidate) }
    var freeTracks = Set(tracks.indices)
    var freeCandidates = Set(candidates.indices)
    for (_, track, candidate) in distances
    where freeTracks.contains(track) && freeCandidates.contains(candidate) {
      pairs.append((track, candidate))
      freeTracks.remove(track)
      freeCandidates.remove(candidate)
    }
    lostTracks = freeTracks.sorted()
    newFaces = freeCandidates.sorted()
  }
}
