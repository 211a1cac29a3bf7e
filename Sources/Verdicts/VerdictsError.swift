/// Errors in judging and in writing manifests.
public enum VerdictsError: Error, Hashable {
  /// A network's output is not finite; the fault is in the model, not the video.
  case notFinite(track: Int, pts: Int64)
  /// A record contains a value that JSON cannot represent.
  case encoding(path: String, reason: String)
  /// A line of a manifest does not have the format of this version.
  case decoding(path: String, reason: String)
}

extension VerdictsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notFinite(let track, let pts):
      "The network's output for track \(track) at pts \(pts) is not a number: the model file is unusable."
    case .encoding(let path, let reason):
      "The manifest row of \(path) could not be written: \(reason)."
    case .decoding(let path, let reason):
      "\(path) contains a line that is not a manifest row: \(reason)."
    }
  }
}
