import CPosix
import Glibc

/// The rights that a process gives up, irrevocably, before it reads the first byte of untrusted data.
///
/// Landlock (Linux 5.13 and later) removes the right to open, create or execute any file, to use TCP and, on later
/// kernels, to send signals; seccomp allows only the system calls that decoding needs. Either layer alone would stop
/// most attempts of a compromised decoder. Files that are already open remain usable.
public struct Sandbox: Sendable, Hashable {
  public enum Layer: String, Sendable, Hashable, Codable, CaseIterable { case landlock, seccomp }

  public var layers = Set(Layer.allCases)

  public init() {}

  /// Confines the calling process. Landlock applies to the calling thread and its descendants, seccomp to all threads.
  ///
  /// - Returns: the restrictions in force; a kernel without one of the layers is not an error.
  public func apply() -> SandboxState {
    var state = SandboxState()
    if layers.contains(.landlock) {
      let result = cposix_landlock_deny_all()
      if result > 0 { state.landlockVersion = Int(result) } else { state.note(.landlock, errno: -result) }
    }
    if layers.contains(.seccomp) {
      let result = cposix_seccomp_filter()
      if result == 0 { state.hasSystemCallFilter = true } else { state.note(.seccomp, errno: -result) }
    }
    return state
  }
}

/// The parts of a sandbox that are in force.
public struct SandboxState: Sendable, Hashable, Codable {
  /// Version of the Landlock ABI; nil if unavailable.
  public var landlockVersion: Int?
  public var hasSystemCallFilter = false
  /// Reasons for requested layers that are missing.
  public var missing: [String] = []

  public init() {}

  mutating func note(_ layer: Sandbox.Layer, errno: CInt) {
    missing.append("\(layer.rawValue): \(String(cString: strerror(errno)))")
  }
}
