public import Imaging

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
        return TrackedFace(trackID: 0, detection: best)
      }
    }
    return TrackedFace(trackID: 0, detection: Detection(box: expected, confidence: 0))
  }
}
