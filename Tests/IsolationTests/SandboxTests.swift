import CPosix
import Glibc
import Isolation
import TestSupport
import Testing

/// Each runs in a process of its own: what is given up does not come back.
@Suite("Sandbox", .heavy)
struct SandboxTests {
  private static let hasLandlock = cposix_landlock_abi() > 0

  /// Ends the process: 0 when exactly these attempts are refused, else 1 with words on standard error.
  private static func finish(_ state: SandboxState, refused expected: Set<SandboxProbe.Attempt>) -> Never {
    var complaints: [String] = []
    for outcome in SandboxProbe.run() {
      let isExpected = expected.contains { $0.rawValue == outcome.attempt }
      if outcome.isRefused != isExpected { complaints.append("\(outcome)") }
    }
    if !complaints.isEmpty {
      let text = Array("\(state) \(complaints)\n".utf8)
      write(STDERR_FILENO, text, text.count)
    }
    _exit(complaints.isEmpty ? 0 : 1)
  }

  @Test("both layers together refuse everything that is tried")
  func everything() async {
    await #expect(processExitsWith: .success) {
      let state = Sandbox().apply()
      guard state.hasSystemCallFilter else { _exit(state.missing.isEmpty ? 1 : 0) }
      Self.finish(state, refused: Set(SandboxProbe.Attempt.allCases))
    }
  }

  @Test("seccomp alone refuses everything too")
  func systemCalls() async {
    await #expect(processExitsWith: .success) {
      var sandbox = Sandbox()
      sandbox.layers = [.seccomp]
      let state = sandbox.apply()
      guard state.hasSystemCallFilter, state.landlockVersion == nil else { _exit(state.missing.isEmpty ? 1 : 0) }
      Self.finish(state, refused: Set(SandboxProbe.Attempt.allCases))
    }
  }

  @Test("Landlock alone refuses files, programs, TCP and signals", .enabled(if: hasLandlock))
  func landlock() async {
    await #expect(processExitsWith: .success) {
      var sandbox = Sandbox()
      sandbox.layers = [.landlock]
      let state = sandbox.apply()
      var refused: Set<SandboxProbe.Attempt> = [.readFile, .writeFile, .runProgram]
      if (state.landlockVersion ?? 0) >= 4 { refused.insert(.connectTCP) }
      if (state.landlockVersion ?? 0) >= 6 { refused.insert(.signalParent) }
      Self.finish(state, refused: refused)
    }
  }

  @Test("without a sandbox nothing is refused: the attempts are real")
  func nothing() async {
    await #expect(processExitsWith: .success) {
      var sandbox = Sandbox()
      sandbox.layers = []
      Self.finish(sandbox.apply(), refused: [])
    }
  }

  @Test("open descriptors, memory, threads and the time for another file stay usable")
  func work() async {
    await #expect(processExitsWith: .success) {
      let file = try InputFile.open(Array(#filePath.utf8))
      let limits = ResourceLimits(cpuSecondsPerFile: 10)
      try limits.apply()
      _ = Sandbox().apply()
      try limits.renewCPUTime()
      let status = try file.currentStatus()
      var start = [UInt8](repeating: 0, count: 6)
      guard pread(file.descriptor.raw, &start, start.count, 0) == 6, status.sizeBytes > 100 else { _exit(1) }
      let large = [UInt8](repeating: 1, count: 64 << 20)
      var thread = pthread_t()
      guard pthread_create(&thread, nil, { _ in nil }, nil) == 0, pthread_join(thread, nil) == 0 else { _exit(2) }
      _exit(String(decoding: start, as: UTF8.self) == "import" && large.last == 1 ? 0 : 3)
    }
  }

  @Test("a crash in a sandbox is a crash like any other")
  func abortion() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      _ = Sandbox().apply()
      abort()
    }
  }

  @Test("limits cannot be raised again, even by root")
  func hardLimits() async {
    await #expect(processExitsWith: .success) {
      try ResourceLimits(openFiles: 32).apply()
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      guard limit.rlim_cur == 32, limit.rlim_max == 32 else { _exit(1) }
      _ = Sandbox().apply()
      limit.rlim_cur = 64
      limit.rlim_max = 64
      _exit(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? 2 : 0)
    }
  }
}
