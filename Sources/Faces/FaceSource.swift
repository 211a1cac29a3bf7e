public import Imaging

/// A face in a frame with its track; decoder processes send it in this form.
public struct TrackedFace: Sendable, Hashable, Codable {
  /// The same number in every frame of one face; counted from 0 in order of appearance.
  public var track: Int
  /// In pixels of the upright frame.
  public var box: Box
  /// 0 to 1.
  public var confidence: Float

  public init(track: Int, box: Box, confidence: Float) {
    self.track = track
    self.box = box
    self.confidence = confidence
  }

  init(track: Int, _ detection: Detection) {
    self.init(track: track, box: detection.box, confidence: detection.confidence)
  }
}

/// Says where the faces of one video are, picture by picture in order of time.
public protocol FaceSource: ~Copyable {
  /// The faces of the video's next picture, in order of their tracks; each track at most once.
  mutating func faces(in picture: borrowing some Picture & ~Copyable) throws -> [TrackedFace]

  /// Forgets the video: the next picture belongs to another one.
  mutating func reset()
}

/// Takes the centre of every picture for a face: for footage that is cropped to faces already.
public struct WholeFrameSource: FaceSource {
  private let framing: FaceFraming
  private let isEnclosing: Bool

  /// - Parameters:
  ///   - framing: of the crops, which are then the largest square in the middle of the picture.
  ///   - isEnclosing: the smallest square around the picture instead.
  public init(framing: FaceFraming, isEnclosing: Bool = false) {
    self.framing = framing
    self.isEnclosing = isEnclosing
  }

  public func faces(in picture: borrowing some Picture & ~Copyable) -> [TrackedFace] {
    var box = framing.box(ofPicture: picture.width, picture.height)
    if isEnclosing {
      let side = Double(max(picture.width, picture.height))
      box = Box(
        x: (Double(picture.width) - side) / 2, y: (Double(picture.height) - side) / 2, width: side, height: side)
    }
    return [TrackedFace(track: 0, box: box, confidence: 1)]
  }

  public func reset() {}
}
