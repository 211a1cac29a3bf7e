import CPosix
import Glibc

/// A running child process and the parent's end of its connection; killed and reaped on release at the latest.
final class ChildProcess {
  /// Time that a child may take to exit after closing its connection.
  private static let exitGraceMilliseconds: CInt = 1000
  private static let abandonmentPollMilliseconds: CInt = 250

  let processIdentifier: pid_t
  let socket: MessageSocket
  private let errorTail: ErrorTail?
  private var isReaped = false

  init(_ command: WorkerCommand) throws(IsolationError) {
    let (ours, theirs) = try MessageSocket.pair()
    let ourEnd = Descriptor(owning: ours)
    let theirEnd = Descriptor(owning: theirs)
    let (tail, errorOutput) = try Self.errorOutput(for: command.standardError)
    let child = Self.spawn(command, socket: theirEnd.raw, errorOutput: errorOutput)
    if tail != nil { close(errorOutput) }
    guard child > 0 else { throw .spawn(executable: command.executable, errno: -child) }
    processIdentifier = child
    socket = MessageSocket(ourEnd)
    errorTail = tail
  }

  deinit {
    if !isReaped { _ = end() }
  }

  /// Whether the process has exited by itself.
  var hasEnded: Bool { isReaped || cposix_wait_for_exit(processIdentifier, 0) == 1 }

  /// Waits until the socket is ready; meanwhile reads the child's standard error.
  ///
  /// - Parameter isAbandoned: polled; whether to give up.
  /// - Returns: false when `deadline` has passed, or the wait was given up.
  func wait(
    forWriting: Bool, until deadline: SuspendingClock.Instant, isAbandoned: () -> Bool
  ) throws(IsolationError) -> Bool {
    while true {
      if isAbandoned() { return false }
      let timeout = min(deadline.pollTimeoutMilliseconds, Self.abandonmentPollMilliseconds)
      let ready = cposix_poll(socket.descriptor.raw, forWriting, errorTail?.pollable ?? -1, timeout)
      guard ready >= 0 else { throw .connection(call: "poll", errno: -ready) }
      if ready & CInt(cposix_second_ready) != 0 { errorTail?.drain() }
      if ready & CInt(cposix_first_ready) != 0 { return true }
      if timeout == 0 { return false }
    }
  }

  /// Waits briefly for a child that has closed its connection.
  ///
  /// - Returns: whether it has exited by itself.
  func endsSoon() -> Bool { cposix_wait_for_exit(processIdentifier, Self.exitGraceMilliseconds) == 1 }

  /// Kills the child unless it has already ended, and reaps it.
  func end() -> WorkerExit {
    precondition(!isReaped, "process \(processIdentifier) was ended before")
    kill(processIdentifier, SIGKILL)
    var status = cposix_exit()
    // SIGKILL cannot be blocked: from here only work inside the kernel can delay the exit.
    while cposix_reap(processIdentifier, &status) == 0 { _ = cposix_wait_for_exit(processIdentifier, 1000) }
    isReaped = true
    errorTail?.drain()
    return WorkerExit(
      cause: status.signal != 0 ? .signal(status.signal) : .code(status.code),
      usage: ResourceUsage(peakMemoryBytes: status.peak_memory_bytes, cpuSeconds: status.cpu_seconds),
      errorTail: errorTail?.text ?? "")
  }

  /// - Returns: the reader of the child's error output, if it is kept, and the descriptor for its standard error
  ///   (-1: /dev/null), which the caller closes if there is a reader.
  private static func errorOutput(
    for choice: WorkerCommand.StandardError
  ) throws(IsolationError) -> (ErrorTail?, CInt) {
    switch choice {
    case .discarded: return (nil, -1)
    case .inherited: return (nil, STDERR_FILENO)
    case .kept:
      var ends: [CInt] = [-1, -1]
      let result = cposix_pipe(&ends)
      guard result == 0 else { throw .connection(call: "pipe2", errno: -result) }
      return (ErrorTail(reading: Descriptor(owning: ends[0])), ends[1])
    }
  }

  private static func spawn(_ command: WorkerCommand, socket: CInt, errorOutput: CInt) -> pid_t {
    withCStrings([command.executable] + command.arguments) { arguments in
      withCStrings(command.environmentEntries) { environment in
        cposix_spawn(command.executable, arguments, environment, socket, errorOutput)
      }
    }
  }

  /// The strings as a nil-terminated list of C strings.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(&pointers)
  }
}

/// Keeps the end of what a child writes to standard error. The pipe never blocks the child: what nobody reads is lost.
final class ErrorTail {
  static let keptBytes = 4096
  private let descriptor: Descriptor
  private var kept: [UInt8] = []
  private var isOpen = true

  init(reading descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// What to poll, or -1 once the child has closed its end.
  var pollable: CInt { isOpen ? descriptor.raw : -1 }

  var text: String { String(decoding: kept, as: UTF8.self) }

  /// Reads what is there, but not more than 64 KiB: a child that floods the pipe must not keep its parent busy.
  func drain() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<16 where isOpen {
      let count = read(descriptor.raw, &buffer, buffer.count)
      if count > 0 {
        kept = (kept + buffer.prefix(count)).suffix(Self.keptBytes)
      } else if count == 0 {
        isOpen = false
      } else {
        return
      }
    }
  }
}

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
