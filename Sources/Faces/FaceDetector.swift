public import Imaging

/// Finds faces in one small frame; knows nothing of videos, tracks or crops.
public protocol FaceDetector: ~Copyable {
  /// Name and version, for error messages; manifests record `FaceDetectorModel.name`.
  var name: String { get }

  /// At which sizes it is to be shown pictures.
  var scale: DetectorScale { get }

  /// Every face in `frame`, the surest first, in the frame's pixels.
  ///
  /// Faces are returned down to a confidence of `DetectorScale.followingConfidence`, though only those of 0.5 and
  /// more are certain enough to stand alone.
  mutating func faces(in frame: Frame) throws(FacesError) -> [Detection]
}

/// The sizes of picture and face at which a detector works well.
public struct DetectorScale: Sendable, Hashable {
  /// Shorter side to which a whole picture is brought, in pixels.
  public var shortSide: Int
  /// Side at which a face whose size is known is shown, in pixels.
  public var faceSide: Double
  /// A detection this sure is believed where a face was a moment ago, 0…0.5.
  public var followingConfidence: Float

  public init(shortSide: Int, faceSide: Double, followingConfidence: Float) {
    self.shortSide = shortSide
    self.faceSide = faceSide
    self.followingConfidence = followingConfidence
  }
}

/// A face as a detector found it.
public struct Detection: Sendable, Hashable {
  /// From the forehead to below the mouth, from cheek to cheek; in pixels of whatever was searched.
  ///
  /// Every detector brings its boxes to this one framing, so that a crop grown by the same margin shows the same
  /// part of a head.
  public var box: Box
  /// How sure the detector is, 0…1; 0.5 is where it would draw the line by itself.
  public var confidence: Float
  /// In pixels of whatever was searched; absent when the detector gives none.
  public var landmarks: [Point]?

  public init(box: Box, confidence: Float, landmarks: [Point]? = nil) {
    self.box = box
    self.confidence = confidence
    self.landmarks = landmarks
  }

  /// The same face in the pixels of the picture of which the searched frame shows `region`.
  package func moved(from frame: Frame, to region: Box) -> Detection {
    let scaleX = region.width / Double(frame.width)
    let scaleY = region.height / Double(frame.height)
    var moved = self
    moved.box = Box(
      x: region.x + box.x * scaleX, y: region.y + box.y * scaleY, width: box.width * scaleX,
      height: box.height * scaleY)
    moved.landmarks = landmarks?.map { Point(x: region.x + $0.x * scaleX, y: region.y + $0.y * scaleY) }
    return moved
  }
}

extension [Detection] {
  /// Appends in order what `isSame` does not match with anything before it.
  mutating func addDistinct(_ found: some Sequence<Detection>, _ isSame: (Detection, Detection) -> Bool) {
    for detection in found where !contains(where: { isSame($0, detection) }) { append(detection) }
  }

  /// Non-maximum suppression: the detections of highest confidence, without those that overlap one of higher confidence
  /// by more than `limit` (intersection over union); in order of falling confidence.
  func suppressingOverlaps(above limit: Double) -> [Detection] {
    let sorted = enumerated().sorted {
      ($1.element.confidence, $0.offset) < ($0.element.confidence, $1.offset)
    }
    var kept: [Detection] = []
    kept.addDistinct(sorted.lazy.map(\.element)) { !($0.box.overlap($1.box) <= limit) }
    return kept
  }
}

/// Why faces could not be looked for.
public enum FacesError: Error, Equatable, CustomStringConvertible {
  /// No model file was given for a kind that needs one.
  case modelMissing(FaceDetectorKind)
  /// The model file could not be read.
  case modelUnreadable(path: String, reason: String)
  /// The detector could not be set up.
  case detectorUnavailable(name: String, reason: String)
  /// The detector gave up on a frame of this size.
  case detectionFailed(name: String, width: Int, height: Int, reason: String)

  public var description: String {
    switch self {
    case .modelMissing(let kind):
      "--detector \(kind.rawValue) needs --detector-model FILE"
    case .modelUnreadable(let path, let reason):
      "the face detector's model file \(path) cannot be read: \(reason)"
    case .detectorUnavailable(let name, let reason):
      "the face detector \(name) cannot be started: \(reason)"
    case .detectionFailed(let name, let width, let height, let reason):
      "the face detector \(name) failed on a frame of \(width)×\(height) pixels: \(reason)"
    }
  }
}
