package import Attacks
package import Faces
package import Imaging

/// Searches a crop for its face with the face detector, to see whether an attack on the network also defeats the face
/// detector.
///
/// The face detector sees only the crop, so the clean crop must be searched in the same way for comparison. Used by one
/// thread.
package struct CropSearch {
  /// Minimum overlap with the expected box for a detection to count as that face.
  private static let leastOverlap = 0.3

  private let framing: FaceFraming
  private let detector: GridFaceDetector

  /// - Parameters:
  ///   - choice: the detector that is asked.
  ///   - framing: of the crops.
  package init(_ choice: FaceDetectorChoice, framing: FaceFraming) throws {
    self.framing = framing
    detector = try choice.load().makeGrid()
  }

  /// Minimum confidence of a detection that continues a track.
  package var leastConfidence: Float { detector.scale.followingConfidence }

  /// Whether the face would be found if its track led up to this frame.
  package func findsFace(in crop: Frame) throws -> Bool { try confidence(in: crop) != nil }

  /// Confidence of the detection, 0…1; nil if the face is not found.
  package func confidence(in crop: Frame) throws -> Float? {
    let shown = crop.resized(width: side, height: side)
    let expected = framing.box(ofPicture: shown.width, shown.height)
    return try detector.faces(in: shown).filter { $0.box.overlap(expected) >= Self.leastOverlap }.map(\.confidence)
      .max()
  }

  /// How face-like the expected place is to the network, whether or not a face is found: log-odds of the score relative
  /// to the least score of a face, 0 and more being found; with the gradient with respect to the crop's values on the
  /// [0, 1] scale. Nil where the network's boxes are all elsewhere.
  package func scoreGradient(in crop: CropPixels) throws -> (logit: Float, gradient: [Float])? {
    let whole = Box(x: 0, y: 0, width: Double(crop.width), height: Double(crop.height))
    let transform = CropTransform(square: whole, width: crop.width, height: crop.height, size: side)
    let pixels = transform.apply(crop.values).map { 255 * $0 }
    guard
      let found = try detector.scoreGradient(
        of: pixels, width: side, height: side, at: framing.box(ofPicture: side, side), overlap: Self.leastOverlap)
    else { return nil }
    return (found.logit, transform.applyTransposed(found.gradient.map { 255 * $0 }))
  }

  /// Side at which a crop is shown to the detector, so that its face has the size at which a tracked face is searched.
  private var side: Int { Int((detector.scale.faceSide * (1 + framing.margin)).rounded()) }
}

extension CropPixels {
  /// The crop rounded to 8-bit values.
  package var frame: Frame { Frame(width: width, height: height, pixels: bytes) }
}
