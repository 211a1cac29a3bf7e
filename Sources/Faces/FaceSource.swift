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
