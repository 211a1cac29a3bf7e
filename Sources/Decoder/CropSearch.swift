package import Attacks
package import Faces
package import Imaging

/// Searches a crop for its face with the face detector, to see whether an attack on the network also defeats the face
/// detector.
///
/// The face detector sees only the crop, so the clean crop must be searched in the same way for comparison.
package struct CropSearch {
  /// Minimum overlap with the expected box for a detection to count as that face.
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

  /// Minimum confidence of a detection that continues a track.
  package var leastConfidence: Float { detector.scale.followingConfidence }

  /// Whether the face would be found if its track led up to this frame.
  package func findsFace(in crop: Frame) throws -> Bool { try confidence(in: crop) != nil }

  /// Confidence of the detection, 0…1; nil if the face is not found.
  package func confidence(in crop: Frame) throws -> Float? {
    let side = detector.scale.faceSide * (1 + framing.margin)
    let shown = crop.resized(width: Int(side.rounded()), height: Int(side.rounded()))
    let expected = framing.box(ofPicture: shown.width, shown.height)
    return try detector.faces(in: shown).filter { $0.box.overlap(expected) >= Self.leastOverlap }.map(\.confidence)
      .max()
  }
}

extension CropPixels {
  /// The crop rounded to 8-bit values.
  package var frame: Frame { Frame(width: width, height: height, pixels: bytes) }
}
