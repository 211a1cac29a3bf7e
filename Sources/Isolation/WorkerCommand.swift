import Glibc

/// How to start a worker process.
public struct WorkerCommand: Sendable {
  public enum StandardError: Sendable {
    case discarded
    /// The end of it is kept for `WorkerExit.errorTail`.
    case kept
    /// Shared with this process.
    case inherited
  }

  /// Names of the environment variables that a worker gets from this process: a process that reads hostile files
  /// needs none of its parent's secrets.
  public static let passedEnvironment = [
    "ASAN_OPTIONS", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TZ", "UBSAN_OPTIONS",
  ]

  /// The program; by default the running one.
  public var executable = "/proc/self/exe"
  /// What follows the program's name.
  public var arguments: [String]
  /// Added to what `passedEnvironment` lets through.
  public var environment: [String: String] = [:]
  public var standardError = StandardError.kept

  public init(arguments: [String]) {
    self.arguments = arguments
  }

  /// `NAME=value` in a fixed order.
  var environmentEntries: [String] {
    // A crash is an answer here; Swift's backtracer would spend seconds on explaining it.
    var values = ["SWIFT_BACKTRACE": "enable=no"]
    for name in Self.passedEnvironment {
      if let value = getenv(name) { values[name] = String(cString: value) }
    }
    values.merge(environment) { _, added in added }
    return values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}
