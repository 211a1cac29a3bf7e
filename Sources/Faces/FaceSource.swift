public import Imaging

/// A face and the track that it belongs to.
public struct TrackedFace: Sendable, Hashable {
  /// The same number in every frame of one face; counted from 0 in order of appearance.
  public var trackID: Int
  /// In the picture's pixels.
  public var detection: Detection

  public init(trackID: Int, detection: Detection) {
    self.trackID = trackID
    self.detection = detection
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
    return [TrackedFace(trackID: 0, detection: Detection(box: box, confidence: 1))]
  }

  public func reset() {}
}
