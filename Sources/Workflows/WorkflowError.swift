/// Why a command could not do its work; the text says what to do.
public enum WorkflowError: Error, CustomStringConvertible {
  /// Another run uses the output folder.
  case locked(folder: String)
  /// The output cannot be written.
  case output(path: String, why: String)
  /// An input cannot be used.
  case input(path: String, why: String)
  /// The model file cannot be used.
  case model(path: String, why: String)
  /// A decoder process could not be started at all.
  case decoder(why: String)
  /// The settings contradict each other or the data.
  case settings(String)
  /// Training went wrong.
  case training(String)

  public var description: String {
    switch self {
    case .locked(let folder):
      "another run is using \(folder): wait for it, or choose another folder with -o"
    case .output(let path, let why): "cannot write \(path): \(why)"
    case .input(let path, let why): "cannot use \(path): \(why)"
    case .model(let path, let why): "cannot use the model \(path): \(why)"
    case .decoder(let why): "no decoder process can be started: \(why)"
    case .settings(let what), .training(let what): what
    }
  }

  /// What the process exits with: 75 asks the caller to try again later, 2 says that the run failed.
  public var exitCode: Int32 {
    if case .locked = self { 75 } else { 2 }
  }
}
