import Glibc

/// Attempts what a compromised decoder would attempt, to test the sandbox. Harmless if the sandbox fails.
public enum SandboxProbe {
  public enum Attempt: String, Sendable, Codable, CaseIterable {
    case readFile = "read a file"
    case writeFile = "write a file"
    case examineFile = "examine a file by name"
    case connectTCP = "connect over TCP"
    case sendUDP = "make a UDP socket"
    case connectLocally = "make a local socket"
    case runProgram = "run a program"
    case makeProcess = "make a process"
    case executableMemory = "make memory executable"
    case signalParent = "signal the parent"
    case raiseLimit = "raise a limit"
  }

  public struct Outcome: Sendable, Hashable, Codable {
    public var attempt: String
    /// Whether it was denied for lack of permission.
    public var isRefused: Bool
    /// The system's error message; nil on success.
    public var answer: String?
  }

  /// Makes each attempt once.
  ///
  /// - Parameter port: local port for the TCP attempt.
  public static func run(port: UInt16 = 9) -> [Outcome] {
    Attempt.allCases.map { attempt in
      let error = attempt.make(port: port)
      return Outcome(
        attempt: attempt.rawValue, isRefused: [EPERM, EACCES].contains(error),
        answer: error == 0 ? nil : String(cString: strerror(error)))
    }
  }
}

extension SandboxProbe.Attempt {
  /// - Returns: errno, 0 for success.
  fileprivate func make(port: UInt16) -> CInt {
    switch self {
    case .readFile: Self.tried { open("/etc/passwd", O_RDONLY | O_CLOEXEC) }
    case .writeFile:
      Self.tried {
        let path = "/tmp/.assay-probe-\(getpid())"
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { unlink(path) }
        return descriptor
      }
    case .examineFile:
      Self.tried {
        var status = stat()
        return stat("/etc/passwd", &status)
      }
    case .connectTCP: Self.connect(port: port)
    case .sendUDP: Self.tried { socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0) }
    case .connectLocally: Self.tried { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0) }
    case .runProgram: Self.spawn()
    case .makeProcess: Self.startProcess()
    case .executableMemory:
      Self.tried {
        let flags = PROT_READ | PROT_WRITE | PROT_EXEC
        let memory = mmap(nil, 4096, flags, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { return -1 }
        munmap(memory, 4096)
        return 0
      }
    case .signalParent: Self.tried { kill(getppid(), 0) }
    case .raiseLimit:
      Self.tried {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
          ? setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) : -1
      }
    }
  }

  /// Makes a call that returns a descriptor or 0, and closes the descriptor.
  private static func tried(_ call: () -> CInt) -> CInt {
    let result = call()
    guard result >= 0 else { return errno }
    if result > STDERR_FILENO { close(result) }
    return 0
  }

  private static func connect(port: UInt16) -> CInt {
    let end = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    guard end >= 0 else { return errno }
    defer { close(end) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafeBytes(of: &address) {
      Glibc.connect(end, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
    }
    return result == 0 ? 0 : errno
  }

  private static func spawn() -> CInt {
    var child: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
    defer { free(arguments[0]) }
    let result = posix_spawn(&child, "/bin/true", nil, nil, &arguments, nil)
    if result == 0 { waitpid(child, nil, 0) }
    return result
  }

  /// Starts a child that exits immediately.
  private static func startProcess() -> CInt {
    var child: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("nothing"), nil]
    defer { free(arguments[0]) }
    // No such file exists: a system that permits process creation reports that; otherwise it denies the call first.
    let result = posix_spawn(&child, "/nowhere/nothing", nil, nil, &arguments, nil)
    return result == ENOENT ? 0 : result
  }
}
