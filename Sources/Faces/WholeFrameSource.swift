public import Imaging

/// Takes the centre of every picture for a face: for footage that is cropped to faces already.
public struct WholeFrameSource: FaceSource {
  private let framing: FaceFraming

  /// - Parameter framing: of the crops, which are then the largest square in the middle of the picture.
  public init(framing: FaceFraming) {
    self.framing = framing
  }

  public func faces(in picture: borrowing some Picture & ~Copyable) -> [TrackedFace] {
    let box = framing.box(ofPicture: picture.width, picture.height)
    return [TrackedFace(trackID: 0, detection: Detection(box: box, confidence: 1))]
  }

  public func reset() {}
}
