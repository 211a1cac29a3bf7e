public import Imaging

/// Finds the faces of one video's sampled pictures and links them over time.
///
/// A face that was there is looked for around its last place first, shown at the size that suits the detector: a
/// twelfth of the cost of searching the whole picture. The whole picture is searched when a face is lost, and every
/// `wholeSearchInterval` pictures for new ones. Same pictures, same tracks.
public struct FaceTracker<Detector: FaceDetector & ~Copyable>: FaceSource, ~Copyable {
  var detector: Detector
  private let schedule: SearchSchedule
  private var tracks: [Track] = []
  private var nextTrackID = 0
  private var pictureIndex = 0
  private var emptyPictures = 0

  public init(detector: consuming Detector, schedule: SearchSchedule = SearchSchedule()) {
    self.detector = detector
    self.schedule = schedule
  }

  public mutating func reset() {
    tracks = []
    nextTrackID = 0
    pictureIndex = 0
    emptyPictures = 0
  }

  public mutating func faces(in picture: borrowing some Picture & ~Copyable) throws -> [TrackedFace] {
    defer { pictureIndex += 1 }
    var candidates = Candidates()
    for track in tracks {
      candidates.add(try search(around: track.box, in: picture))
    }
    var matches = TrackMatching(tracks: tracks, candidates: candidates.detections)
    if schedule.searchesWhole(
      pictureIndex: pictureIndex, emptyPictures: emptyPictures, trackCount: tracks.count,
      justLost: matches.lostTracks.contains { tracks[$0].missed == 0 })
    {
      candidates.add(try searchWhole(picture))
      matches = TrackMatching(tracks: tracks, candidates: candidates.detections)
    }
    return follow(matches, candidates.detections)
  }

  /// Brings the tracks up to date and starts new ones for sure faces that belong to none.
  private mutating func follow(_ matches: TrackMatching, _ candidates: [Detection]) -> [TrackedFace] {
    for (track, candidate) in matches.pairs { tracks[track].follow(candidates[candidate]) }
    for track in matches.lostTracks { tracks[track].missed += 1 }
    for candidate in matches.newFaces where candidates[candidate].confidence >= 0.5 {
      tracks.append(Track(id: nextTrackID, detection: candidates[candidate]))
      nextTrackID += 1
    }
    tracks.removeAll { $0.missed > schedule.memory }
    let faces = tracks.compactMap { track in
      track.missed == 0 ? TrackedFace(track: track.id, track.detection) : nil
    }
    emptyPictures = faces.isEmpty ? emptyPictures + 1 : 0
    return faces
  }

  /// Looks for a face of known size around its last place.
  private mutating func search(
    around box: Box, in picture: borrowing some Picture & ~Copyable
  ) throws -> [Detection] {
    let bounds = picture.bounds
    guard let region = box.square(margin: schedule.nearbyMargin).intersection(bounds) else { return [] }
    let found = try search(region, scale: detector.scale.faceSide / box.width, in: picture)
    // What the region's edge cuts is left to the search of the whole picture.
    return found.filter { !region.cuts($0.box, within: bounds) }
  }

  private mutating func searchWhole(_ picture: borrowing some Picture & ~Copyable) throws -> [Detection] {
    let shortSide = detector.scale.shortSide
    let scale = Double(shortSide) / Double(min(picture.width, picture.height))
    // A ribbon of a picture must not become a huge one.
    let area = Double(picture.width) * Double(picture.height)
    let mostPixels = Double(shortSide * shortSide) * schedule.longestAspect
    return try search(picture.bounds, scale: min(scale, (mostPixels / area).squareRoot()), in: picture)
  }

  mutating func search(
    _ region: Box, scale: Double, in picture: borrowing some Picture & ~Copyable
  ) throws -> [Detection] {
    let width = max(1, Int((region.width * scale).rounded()))
    let height = max(1, Int((region.height * scale).rounded()))
    let frame = try picture.thumbnail(of: region, width: width, height: height)
    return try detector.faces(in: frame).map { $0.moved(from: frame, to: region) }
  }
}

extension Box {
  /// Whether `other` reaches an edge of this region that is not an edge of `picture`.
  fileprivate func cuts(_ other: Box, within picture: Box) -> Bool {
    let slack = 0.01 * width
    return (x > picture.x && other.x < x + slack)
      || (y > picture.y && other.y < y + slack)
      || (x + width < picture.x + picture.width && other.x + other.width > x + width - slack)
      || (y + height < picture.y + picture.height && other.y + other.height > y + height - slack)
  }
}

extension FaceTracker where Detector: ~Copyable {
  /// Least overlap (intersection over union) of a detection with the usual place.
  private static var leastOverlap: Double { 0.3 }
  /// Factors of the size at which the face is shown to the detector, tried in this order.
  private static var zooms: [Double] { [1, 1.4, 0.75] }

  /// The one face of a picture that was cut around it by another face detector.
  ///
  /// Tracks are neither read nor changed.
  /// - Parameter usual: where the face is as a rule, in fractions of the picture's width and height.
  /// - Returns: the detection nearest in place, or the usual place with a confidence of 0 where nothing was found.
  public mutating func face(
    ofCrop picture: borrowing some Picture & ~Copyable, usual: Box
  ) throws -> TrackedFace {
    let expected = Box(
      x: usual.x * Double(picture.width), y: usual.y * Double(picture.height),
      width: usual.width * Double(picture.width), height: usual.height * Double(picture.height))
    for zoom in Self.zooms {
      let found = try search(picture.bounds, scale: zoom * detector.scale.faceSide / expected.width, in: picture)
      let near = found.filter { $0.box.overlap(expected) >= Self.leastOverlap }
      if let best = near.max(by: { $0.box.overlap(expected) < $1.box.overlap(expected) }) {
        return TrackedFace(track: 0, best)
      }
    }
    return TrackedFace(track: 0, box: expected, confidence: 0)
  }
}

/// When and where a tracker searches: the balance of cost and of faces missed.
public struct SearchSchedule: Sendable, Hashable {
  /// The whole picture is searched at least every so many pictures, for faces that have come in.
  public var wholeSearchInterval = 8
  /// By how much a face's box is grown to the region that is searched for it: pictures lie most of a second apart.
  public var nearbyMargin = 1.6
  /// For how many pictures a lost face is looked for at its last place.
  public var memory = 4
  /// After so many pictures without any face only every second one is searched.
  public var patience = 4
  /// A picture longer than this, for its height, is searched at a lower scale.
  public var longestAspect = 4.0

  public init() {}

  /// - Parameters:
  ///   - emptyPictures: how many pictures in a row had no face up to here.
  ///   - justLost: a face of the last picture is not near its place any more.
  func searchesWhole(pictureIndex: Int, emptyPictures: Int, trackCount: Int, justLost: Bool) -> Bool {
    if justLost || pictureIndex.isMultiple(of: wholeSearchInterval) { return true }
    guard emptyPictures > 0 else { return false }
    return emptyPictures < patience || pictureIndex.isMultiple(of: 2)
  }
}
