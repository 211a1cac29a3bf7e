/// A safetensors file that cannot be used.
public enum SafetensorsError: Error, Sendable {
  /// The bytes violate the format.
  case badFile(String)
  /// A file that cannot be read or written.
  case file(path: String, String)
}

extension SafetensorsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badFile(let problem): "not a valid safetensors file: \(problem)"
    case .file(let path, let problem): "\(path): \(problem)"
    }
  }
}
