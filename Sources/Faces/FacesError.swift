/// Why faces could not be looked for.
public enum FacesError: Error, Equatable, CustomStringConvertible {
  /// No model file was given for a kind that needs one.
  case modelMissing(FaceDetectorKind)
  /// The model file could not be read.
  case modelUnreadable(path: String, reason: String)
  /// The detector could not be set up.
  case detectorUnavailable(name: String, reason: String)
  /// The detector gave up on a frame of this size.
  case detectionFailed(name: String, width: Int, height: Int, reason: String)

  public var description: String {
    switch self {
    case .modelMissing(let kind):
      "--detector \(kind.rawValue) needs --detector-model FILE.onnx"
    case .modelUnreadable(let path, let reason):
      "the face detector's model file \(path) cannot be read: \(reason)"
    case .detectorUnavailable(let name, let reason):
      "the face detector \(name) cannot be started: \(reason)"
    case .detectionFailed(let name, let width, let height, let reason):
      "the face detector \(name) failed on a frame of \(width)×\(height) pixels: \(reason)"
    }
  }
}
