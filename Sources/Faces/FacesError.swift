/// Why faces could not be looked for.
public enum FacesError: Error, Equatable, CustomStringConvertible {
  /// The detector could not be set up.
  case detectorUnavailable(name: String, reason: String)
  /// The detector gave up on a frame of this size.
  case detectionFailed(name: String, width: Int, height: Int, reason: String)

  public var description: String {
    switch self {
    case .detectorUnavailable(let name, let reason):
      "the face detector \(name) cannot be started: \(reason)"
    case .detectionFailed(let name, let width, let height, let reason):
      "the face detector \(name) failed on a frame of \(width)×\(height) pixels: \(reason)"
    }
  }
}
