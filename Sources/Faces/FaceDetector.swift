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
