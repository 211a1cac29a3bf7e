public import Imaging

/// Takes the centre of every picture for a face: for footage that is cropped to faces already.
public struct WholeFrameSource: FaceSource {
  public let name = "whole-frame"
  private let margin: Double

  /// - Parameter margin: by how much crops grow the box, 0.3 for 30 %: the crop is then the largest square in the
  ///   middle of the picture.
  public init(margin: Double) {
    self.margin = margin
  }

  public func faces(in picture: borrowing some Picture & ~Copyable) -> [TrackedFace] {
    let side = Double(min(picture.width, picture.height)) / (1 + margin)
    let box = Box(
      x: (Double(picture.width) - side) / 2, y: (Double(picture.height) - side) / 2, width: side, height: side)
    return [TrackedFace(trackID: 0, detection: Detection(box: box, confidence: 1))]
  }

  public func reset() {}
}
