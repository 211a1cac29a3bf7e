import Glibc

/// How a worker process ended.
public struct WorkerExit: Sendable, Hashable {
  public enum Cause: Sendable, Hashable {
    case code(CInt)
    case signal(CInt)
  }

  public let cause: Cause
  public let usage: ResourceUsage
  /// The last lines that it wrote to standard error, at most 4 KiB; empty unless the command asked to keep them.
  /// Written by code that handles hostile data: make it harmless before showing it.
  public let errorTail: String

  /// Whether it used more CPU time than its limit.
  public var isCPULimit: Bool { cause == .signal(SIGXCPU) }
}

extension WorkerExit: CustomStringConvertible {
  public var description: String {
    switch cause {
    case .code(let code): "ended with code \(code)"
    case .signal(SIGXCPU): "used more CPU time than its limit"
    case .signal(let signal): "ended by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}
