import CPosix
import Glibc

/// What a process that reads hostile data gives up before it reads the first byte; there is no way back.
///
/// Landlock (Linux 5.13 on) takes the right to open, make or run any file, to use TCP and, with later kernels, to send
/// signals; seccomp leaves only the system calls that decoding takes. Either alone would do against most of what a
/// decoder that was taken over could try; what is open already stays usable.
public struct Sandbox: Sendable, Hashable {
  public enum Layer: String, Sendable, Hashable, Codable, CaseIterable { case landlock, seccomp }

  public var layers = Set(Layer.allCases)
  /// Whether memory may become executable: some network libraries make their code at run time, FFmpeg does not.
  public var allowsExecutableMemory = false

  public init() {}

  /// Confines the calling process. Landlock binds the calling thread and those that it starts, seccomp all threads.
  ///
  /// - Returns: what is in force; a kernel that lacks a layer is no error.
  public func apply() -> SandboxState {
    var state = SandboxState()
    if layers.contains(.landlock) {
      let result = cposix_landlock_deny_all()
      if result > 0 { state.landlockVersion = Int(result) } else { state.note(.landlock, errno: -result) }
    }
    if layers.contains(.seccomp) {
      let result = cposix_seccomp_filter(allowsExecutableMemory)
      if result == 0 { state.hasSystemCallFilter = true } else { state.note(.seccomp, errno: -result) }
      state.refusesExecutableMemory = result == 0 && !allowsExecutableMemory
    }
    return state
  }
}

/// Which parts of a sandbox are in force.
public struct SandboxState: Sendable, Hashable, Codable {
  /// The version of Landlock's interface; nil without it.
  public var landlockVersion: Int?
  public var hasSystemCallFilter = false
  /// Whether no memory can become executable any more.
  public var refusesExecutableMemory = false
  /// Why a layer that was asked for is not there.
  public var missing: [String] = []

  public init() {}

  mutating func note(_ layer: Sandbox.Layer, errno: CInt) {
    missing.append("\(layer.rawValue): \(String(cString: strerror(errno)))")
  }
}
