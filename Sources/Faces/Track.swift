import Imaging

/// One face over time, as far as the next picture needs to know it.
struct Track {
  let id: Int
  /// Where the face was last seen.
  private(set) var detection: Detection
  /// For how many pictures it has not been seen.
  var missed = 0

  var box: Box { detection.box }

  init(id: Int, detection: Detection) {
    self.id = id
    self.detection = detection
  }

  mutating func follow(_ detection: Detection) {
    self.detection = detection
    missed = 0
  }

  /// How far a detection is from what this track's face can have become, in box sides; nil when it is another face.
  ///
  /// A face moves by up to 1.5 of its sides and changes size by up to half between two pictures, further while it
  /// is out of sight.
  func distance(to other: Detection) -> Double? {
    let ratio = other.box.width / box.width
    guard (0.6...1.7).contains(ratio) else { return nil }
    let dx = other.box.centerX - box.centerX
    let dy = other.box.centerY - box.centerY
    let distance = (dx * dx + dy * dy).squareRoot() / max(box.width, other.box.width)
    return distance <= 1.5 + 0.5 * Double(missed) ? distance : nil
  }
}

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

/// The faces that the searches of one picture found, each once.
struct Candidates {
  private(set) var detections: [Detection] = []

  /// Adds what is not yet known. The earlier search wins: it showed the face at the better size.
  mutating func add(_ found: [Detection]) {
    detections.addDistinct(found, Self.isSameFace)
  }

  private static func isSameFace(_ a: Detection, _ b: Detection) -> Bool {
    guard let shared = a.box.intersection(b.box)?.area else { return false }
    return a.box.overlap(b.box) > 0.35 || shared > 0.7 * min(a.box.area, b.box.area)
  }
}
