import Glibc

/// A separate process for work that may crash, hang or leak: it handles one request at a time and replies with a stream
/// of messages. Nothing that it sends is trusted beyond its framing.
///
/// The process starts with the first request, and again with the first request after it has ended for any reason. It is
/// killed when this value is released and when this program ends.
///
/// ```swift
/// try worker.send(request, descriptor: file.descriptor.raw, timeLimitSeconds: 60)
/// while true {
///   switch try worker.receive() {
///   case .message(let message) where message.kind == WorkerMessage.endKind: return
///   case .message(let message): use(message)
///   case .timedOut, .crashed, .closed, .oversized: return fail()
///   }
/// }
/// ```
public struct WorkerProcess: ~Copyable {
  public enum Reply: Sendable, Hashable {
    /// More messages follow unless the kind is `WorkerMessage.endKind`.
    case message(WorkerMessage)
    /// The time limit expired; the process was killed.
    case timedOut
    /// The process ended within a reply, by a signal or with a non-zero exit code.
    case crashed(WorkerExit)
    /// The process closed its connection within a reply and exited with code 0, or did not exit and was killed.
    case closed
    /// The process announced a message longer than allowed, and was killed.
    case oversized(claimedBytes: Int)
  }

  public let command: WorkerCommand
  /// Maximum payload length.
  public let maximumMessageBytes: Int
  /// Number of requests after which the process is replaced, to bound leaks.
  public let recycleAfter: Int

  /// The exit of the previous process: memory, CPU time, standard error.
  public private(set) var lastExit: WorkerExit?
  /// Number of processes started so far.
  public private(set) var starts = 0

  /// Polled while this process waits: whether nobody wants the reply any more. If so, the reply is `.timedOut`.
  public var isAbandoned: @Sendable () -> Bool = { false }

  private var child: ChildProcess?
  private var requests = 0
  private var budget: TimeBudget?
  /// An exit that `send` has noticed and `receive` has yet to report.
  private var early: Reply?

  /// - Precondition: `recycleAfter` is at least 1.
  public init(_ command: WorkerCommand, maximumMessageBytes: Int = 64 << 20, recycleAfter: Int = 100) {
    precondition(recycleAfter >= 1, "a worker that is replaced after \(recycleAfter) requests serves none")
    self.command = command
    self.maximumMessageBytes = maximumMessageBytes
    self.recycleAfter = recycleAfter
  }

  /// Process id of the running process, if any.
  public var processIdentifier: CInt? { child?.processIdentifier }

  /// Sends a request. If the previous reply is unfinished, abandons it and kills its process.
  ///
  /// - Parameters:
  ///   - descriptor: sent with the request; stays open in this process.
  ///   - timeLimitSeconds: limit for the request and its whole reply. Only time inside `send` and `receive` counts, so
  ///     a slow caller does not use up the worker's time.
  /// - Throws: when no process can be started. `receive` reports the fate of a started one.
  public mutating func send(
    _ message: WorkerMessage, descriptor: CInt? = nil, timeLimitSeconds: Double
  ) throws(IsolationError) {
    if budget != nil || child?.hasEnded == true || requests >= recycleAfter { stop() }
    let process = try running()
    requests += 1
    early = nil
    var newBudget = TimeBudget(seconds: timeLimitSeconds)
    do throws(IsolationError) {
      let isSent = try newBudget.spend { (deadline) throws(IsolationError) in
        try process.socket.send(message, descriptor: descriptor) { (forWriting) throws(IsolationError) in
          try process.wait(forWriting: forWriting, until: deadline, isAbandoned: isAbandoned)
        }
      }
      if !isSent { early = .timedOut }
    } catch .disconnected {
      // It may have replied before it ended: `receive` reads the remaining data and then finds the end.
    } catch {
      stop()
      throw error
    }
    budget = newBudget
  }

  /// Waits for the next message of the reply.
  ///
  /// - Precondition: a request was sent, and its reply has not ended.
  public mutating func receive() throws(IsolationError) -> Reply {
    guard let process = child, var budget else { preconditionFailure("there is no request to receive a reply for") }
    if let early {
      stop()
      return early
    }
    do throws(IsolationError) {
      let receipt = try budget.spend { (deadline) throws(IsolationError) in
        try process.socket.receive(maximumBytes: maximumMessageBytes, attached: nil) {
          (forWriting) throws(IsolationError) in
          try process.wait(forWriting: forWriting, until: deadline, isAbandoned: isAbandoned)
        }
      }
      self.budget = budget
      return conclude(receipt, from: process)
    } catch {
      stop()
      throw error
    }
  }

  /// Kills the process; the next request starts another.
  public mutating func stop() {
    if let child { lastExit = child.end() }
    forget()
  }

  private mutating func conclude(_ receipt: MessageSocket.Receipt, from process: ChildProcess) -> Reply {
    switch receipt {
    case .message(let message):
      if message.kind == WorkerMessage.endKind { budget = nil }
      return .message(message)
    case .timedOut:
      stop()
      return .timedOut
    case .oversized(let claimedBytes):
      stop()
      return .oversized(claimedBytes: claimedBytes)
    case .ended:
      let hasEnded = process.endsSoon()
      let exit = process.end()
      lastExit = exit
      forget()
      return hasEnded && exit.cause != .code(0) ? .crashed(exit) : .closed
    }
  }

  private mutating func running() throws(IsolationError) -> ChildProcess {
    if let child { return child }
    let started = try ChildProcess(command)
    child = started
    starts += 1
    requests = 0
    return started
  }

  private mutating func forget() {
    child = nil
    budget = nil
    early = nil
    requests = 0
  }
}

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

/// Seconds that may still be spent waiting; the clock only runs inside `spend`.
struct TimeBudget {
  private(set) var remainingSeconds: Double

  init(seconds: Double) {
    remainingSeconds = seconds
  }

  /// Runs `body` with the instant at which the budget is used up, and takes off the time that it took.
  mutating func spend<Result, Failure: Error>(
    _ body: (SuspendingClock.Instant) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = SuspendingClock.now
    defer { remainingSeconds -= (SuspendingClock.now - start) / .seconds(1) }
    return try body(start + .seconds(max(0, remainingSeconds)))
  }
}

extension SuspendingClock.Instant {
  /// Milliseconds from now, rounded up and at least 0, as poll(2) takes them.
  var pollTimeoutMilliseconds: CInt {
    let milliseconds = (self - SuspendingClock.now) / .milliseconds(1)
    return CInt(min(max(0, milliseconds.rounded(.up)), Double(CInt.max)))
  }
}
