import Glibc

/// What can go wrong in judging and in writing manifests.
public enum VerdictsError: Error, Hashable {
  /// A network's output is no number; the model is broken, not the video.
  case notFinite(track: Int, pts: Int64)
  /// A record holds something that JSON cannot say.
  case encoding(path: String, reason: String)
  /// A line of a manifest is not what this version writes.
  case decoding(path: String, reason: String)
  /// A file or folder of the output could not be made, written, flushed, read back or renamed.
  case file(path: String, call: String, errno: CInt)
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
    case .file(let path, _, ENOSPC):
      "The disk that holds \(path) is full. Free some space and run again; the manifests of the last complete run are "
        + "untouched."
    case .file(let path, let call, let errno):
      "\(path): \(String(cString: strerror(errno))) (\(call))."
    }
  }
}
