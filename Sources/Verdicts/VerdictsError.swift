/// What can go wrong in judging and in writing manifests.
public enum VerdictsError: Error, Hashable {
  /// A network's output is no number; the model is broken, not the video.
  case notFinite(track: Int, pts: Int64)
  /// A record holds something that JSON cannot say.
  case encoding(path: String, reason: String)
  /// A line of a manifest is not what this version writes.
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
      "\(path) holds a line that is no manifest row: \(reason)."
    }
  }
}
