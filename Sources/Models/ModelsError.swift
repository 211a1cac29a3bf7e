/// Why a model file cannot be used.
public enum ModelsError: Error, Hashable, CustomStringConvertible {
  /// Not a model file, or one of a later version.
  case badFile(String)
  /// The network does not reproduce its golden output on this machine.
  case goldenOutput(expected: Float, got: Float)
  /// The network cannot be run, or does not return one logit.
  case network(String)
  /// A name that is not in the catalogue.
  case unknownNetwork(String, problem: String)
  /// A file that cannot be read or written.
  case file(path: String, problem: String)
  /// The built-in model is in none of its places.
  case noBuiltInModel(searched: [String])

  public var description: String {
    switch self {
    case .badFile(let why): why
    case .network(let why): "the network cannot be used: \(why)"
    case .unknownNetwork(let name, let problem): "cannot make the network '\(name)': \(problem)"
    case .file(let path, let problem): "\(path): \(problem)"
    case .goldenOutput(let expected, let got):
      "the network gives \(got) for its golden input instead of \(expected): the file is damaged or this machine "
        + "computes wrongly"
    case .noBuiltInModel(let searched):
      "this built-in model is missing (searched: \(searched.joined(separator: ", "))): install the program with make "
        + "install or from its package, or name a model file with --model"
    }
  }
}
