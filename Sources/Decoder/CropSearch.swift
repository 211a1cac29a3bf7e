package import Attacks
package import Faces
package import Imaging

/// Looks for the face of a crop with the detector that found it: whether an attack on the network also loses the
/// detector.
///
/// The detector is shown the crop alone, so the clean crop has to be looked at in the same way to compare with.
package struct CropSearch {
  /// Overlap with where the face was from which on a detection is that face.
  private static let leastOverlap = 0.3

  private let framing: FaceFraming
  private let detector: AnyFaceDetector

  /// - Parameters:
  ///   - choice: the detector that is asked.
  ///   - framing: of the crops.
  package init(_ choice: FaceDetectorChoice, framing: FaceFraming) throws {
    self.framing = framing
    detector = try choice.load().make()
  }

  /// What a detection where a face was a moment ago has at least.
  package var leastConfidence: Float { detector.scale.followingConfidence }

  /// Whether a face that was followed up to here would be found.
  package func findsFace(in crop: Frame) throws -> Bool { try confidence(in: crop) != nil }

  /// How sure the detector is of such a face, 0…1; nil where it finds none.
  package func confidence(in crop: Frame) throws -> Float? {
    let side = detector.scale.faceSide * (1 + framing.margin)
    let shown = crop.resized(width: Int(side.rounded()), height: Int(side.rounded()))
    let expected = framing.box(ofPicture: shown.width, shown.height)
    return try detector.faces(in: shown).filter { $0.box.overlap(expected) >= Self.leastOverlap }.map(\.confidence)
      .max()
  }
}

extension CropPixels {
  /// With 8-bit values.
  package var frame: Frame { Frame(width: width, height: height, pixels: bytes) }
}
