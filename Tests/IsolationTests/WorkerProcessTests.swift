import Dispatch
import Glibc
import Isolation
import Synchronization
import TestSupport
import Testing

@Suite("Worker process", .heavy)
struct WorkerProcessTests {
  @Test("a reply arrives message by message, and one process serves many requests")
  func replies() throws {
    var worker = scriptedWorker("while true; do \(Shell.take())\(Shell.say(7, "hello"))\(Shell.say(8))\(Shell.end)done")
    for _ in 0..<3 {
      #expect(
        try worker.ask() == [
          .message(WorkerMessage(kind: 7, payload: Array("hello".utf8))), .message(WorkerMessage(kind: 8)),
          .message(.end()),
        ])
    }
    #expect(worker.starts == 1)
  }

  @Test("a request comes back as it was sent")
  func echo() throws {
    var worker = scriptedWorker("cat <&3 >&3")
    let request = WorkerMessage(kind: 0xAABB_CCDD, payload: (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try worker.send(request, timeLimitSeconds: WorkerProcess.patienceSeconds)
    #expect(try worker.receive() == .message(request))
  }

  @Test("a crash is told with its signal and the next request gets a new process")
  func crash() throws {
    var worker = scriptedWorker("\(Shell.take())\(Shell.say(7))kill -SEGV $$")
    for start in 1...2 {
      let replies = try worker.ask()
      #expect(replies.first == .message(WorkerMessage(kind: 7)))
      guard case .crashed(let exit) = replies.last else {
        Issue.record("not a crash: \(replies)")
        return
      }
      #expect(exit.cause == .signal(SIGSEGV))
      #expect(exit.description.contains("signal 11"))
      #expect(exit.usage.peakMemoryBytes > 100_000)
      #expect(worker.starts == start)
      #expect(worker.processIdentifier == nil)
    }
  }

  @Test("a process that exits in the middle is told by its code")
  func exits() throws {
    var failing = scriptedWorker("\(Shell.take())echo the reason >&2; exit 3")
    guard case .crashed(let exit) = try failing.ask().last else {
      Issue.record("not a crash")
      return
    }
    #expect(exit.cause == .code(3))
    #expect(exit.errorTail == "the reason\n")

    var leaving = scriptedWorker("\(Shell.take())exit 0")
    #expect(try leaving.ask() == [.closed])

    var silent = scriptedWorker("\(Shell.take())exec 3>&-; exec sleep infinity")
    #expect(try silent.ask() == [.closed])
  }

  @Test("a process that hangs is killed at the time limit")
  func hang() throws {
    var worker = scriptedWorker("\(Shell.take())\(Shell.say(7))while :; do :; done")
    let replies = try worker.ask(timeLimitSeconds: 0.3)
    #expect(replies.last == .timedOut)
    // A busy machine may let the time pass before the script gets to its first message.
    #expect([[], [.message(WorkerMessage(kind: 7))]].contains(replies.dropLast()))
    #expect(worker.lastExit?.cause == .signal(SIGKILL))
  }

  @Test("a process that does not read its request is killed at the time limit")
  func doesNotRead() throws {
    var worker = scriptedWorker("exec sleep infinity")
    let request = WorkerMessage(kind: 1, payload: [UInt8](repeating: 1, count: 1 << 22))
    try worker.send(request, timeLimitSeconds: 0.2)
    #expect(try worker.receive() == .timedOut)
  }

  @Test("a message that claims to be too long is refused before anything is allocated for it")
  func oversized() throws {
    let claim = #"printf '\001\000\000\000\377\377\377\377' >&3; "#
    var worker = scriptedWorker("\(Shell.take())\(claim)exec sleep infinity")
    #expect(try worker.ask() == [.oversized(claimedBytes: 0xFFFF_FFFF)])
    #expect(worker.processIdentifier == nil)
  }

  @Test("noise instead of messages ends in some failure, in time", arguments: 0..<8)
  func noise(_ round: Int) throws {
    var worker = scriptedWorker("\(Shell.take())head -c \(1 + round * 97) /dev/urandom >&3", maximumMessageBytes: 4096)
    let last = try #require(try worker.ask().last)
    switch last {
    case .closed, .crashed, .oversized, .timedOut: break
    case .message(let message): #expect(message.kind == WorkerMessage.endKind)
    }
  }

  @Test("an unfinished reply never leaks into the next one")
  func abandonedReply() throws {
    var worker = scriptedWorker("while true; do \(Shell.take())\(Shell.say(7))\(Shell.say(8))\(Shell.end)done")
    try worker.send(WorkerMessage(kind: 1), timeLimitSeconds: WorkerProcess.patienceSeconds)
    #expect(try worker.receive() == .message(WorkerMessage(kind: 7)))
    #expect(try worker.ask().first == .message(WorkerMessage(kind: 7)))
    #expect(worker.starts == 2)
  }

  @Test("a process that has died between two requests costs neither of them")
  func diesIdle() throws {
    var worker = scriptedWorker("while true; do \(Shell.take())\(Shell.end)done")
    #expect(try worker.ask() == [.message(.end())])
    let running = worker.processIdentifier
    let process = try #require(running)
    kill(process, SIGKILL)
    // The process becomes a zombie of ours as soon as the kernel has dealt with the signal.
    var info = siginfo_t()
    waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT)
    #expect(try worker.ask() == [.message(.end())])
    #expect(worker.starts == 2)
  }

  @Test("a process is replaced after so many requests")
  func recycling() throws {
    var worker = scriptedWorker("while true; do \(Shell.take())\(Shell.end)done", recycleAfter: 3)
    for _ in 0..<7 { #expect(try worker.ask() == [.message(.end())]) }
    #expect(worker.starts == 3)
  }

  @Test("a program that does not exist is an error that names it")
  func missingProgram() {
    var command = WorkerCommand(arguments: [])
    command.executable = "/nowhere/at-all"
    var worker = WorkerProcess(command)
    #expect(throws: IsolationError.spawn(executable: "/nowhere/at-all", errno: ENOENT)) {
      try worker.send(WorkerMessage(kind: 1), timeLimitSeconds: 1)
    }
  }

  @Test("flooding standard error neither blocks the process nor fills memory")
  func flood() throws {
    var worker = scriptedWorker("\(Shell.take())head -c 3000000 /dev/zero >&2; echo last >&2; \(Shell.end)")
    #expect(try worker.ask() == [.message(.end())])
    worker.stop()
    let exit = worker.lastExit
    #expect(try #require(exit).errorTail.utf8.count <= 4096)
  }

  @Test("the process gets descriptors 0 to 3 and no others, no signals of the terminal, no secrets")
  func surroundings() throws {
    setenv("ASSAY_TEST_SECRET", "hunter2", 1)
    let leaked = open("/dev/null", O_RDONLY)
    let inheritable = dup(leaked)
    defer {
      close(leaked)
      close(inheritable)
    }
    // `ls` itself opens the folder that it lists as descriptor 4.
    var worker = scriptedWorker(
      "\(Shell.take())ls /proc/self/fd >&2; grep -E '^SigIgn' /proc/self/status >&2; env >&2; exit 1")
    guard case .crashed(let exit) = try worker.ask().last else {
      Issue.record("not an exit")
      return
    }
    let lines = exit.errorTail.split(separator: "\n")
    #expect(lines.prefix(5) == ["0", "1", "2", "3", "4"])
    let ignored = try #require(lines.dropFirst(5).first?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
    for signal in [SIGHUP, SIGINT, SIGTERM] { #expect(ignored >> (UInt64(signal) - 1) & 1 == 1) }
    #expect(ignored >> (UInt64(SIGPIPE) - 1) & 1 == 0)
    #expect(!exit.errorTail.contains("hunter2"))
    #expect(exit.errorTail.contains("SWIFT_BACKTRACE=enable=no"))
  }

  @Test("many workers at once, some crashing, and no zombie stays")
  func crowd() throws {
    let failures = Mutex<[String]>([])
    let threads = DispatchGroup()
    for thread in 0..<8 {
      DispatchQueue(label: "worker \(thread)").async(group: threads) {
        let last = thread.isMultiple(of: 2) ? "kill -ABRT $$; " : Shell.end
        var worker = scriptedWorker("while true; do \(Shell.take())\(Shell.say(7))\(last)done")
        for _ in 0..<5 {
          do {
            let replies = try worker.ask()
            let isExpected =
              switch replies.last {
              case .crashed(let exit): thread.isMultiple(of: 2) && exit.cause == .signal(SIGABRT)
              case .message: !thread.isMultiple(of: 2)
              default: false
              }
            if !isExpected || replies.count != 2 { failures.withLock { $0.append("\(thread): \(replies)") } }
          } catch {
            failures.withLock { $0.append("\(thread): \(error)") }
          }
        }
      }
    }
    threads.wait()
    #expect(failures.withLock { $0 } == [])
  }

  @Test("a released worker takes its process along")
  func release() throws {
    func startAndDrop() throws -> CInt {
      var worker = scriptedWorker("while true; do \(Shell.take())\(Shell.end)done")
      _ = try worker.ask()
      let running = worker.processIdentifier
      return try #require(running)
    }
    let process = try startAndDrop()
    #expect(kill(process, 0) == -1)
    #expect(errno == ESRCH)
  }

  @Test("processes survive the thread that started them")
  func threadEnds() throws {
    // The kernel's parent-death signal follows the thread that made the child: this one ends at once.
    final class Holder: @unchecked Sendable {
      var worker = scriptedWorker("while true; do \(Shell.take())\(Shell.end)done")
      var replies: [WorkerProcess.Reply] = []
    }
    let holder = Holder()
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let holder = Unmanaged<Holder>.fromOpaque(context).takeRetainedValue()
        holder.replies = (try? holder.worker.ask()) ?? []  // An error leaves no reply, which fails the test.
        return nil
      }, Unmanaged.passRetained(holder).toOpaque())
    pthread_join(thread, nil)
    #expect(holder.replies == [.message(.end())])
    usleep(50_000)
    #expect(try holder.worker.ask() == [.message(.end())])
    let starts = holder.worker.starts
    #expect(starts == 1)
  }
}
