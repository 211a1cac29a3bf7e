import Dispatch
public import Testing

/// Ends the test process when the body of a test case runs for so long that it must hang.
///
/// Unlike `.timeLimit`, whose clock also runs while a case waits for a thread behind other tests, the clock starts with
/// the body. It does not depend on the threads of Swift concurrency, which a hanging test blocks.
public struct HangLimit: SuiteTrait, TestTrait, TestScoping {
  let seconds: Double

  public var isRecursive: Bool { true }

  public init(seconds: Double) {
    self.seconds = seconds
  }

  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await watch(test.name, function)
  }

  /// Runs `body`; the process ends with a message that names it when that takes too long.
  public func watch(_ name: String, _ body: @Sendable () async throws -> Void) async rethrows {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + seconds)
    timer.setEventHandler { [seconds] in fatalError("\(name) hangs: it has run for \(Int(seconds / 60)) minutes") }
    timer.activate()
    defer { timer.cancel() }
    try await body()
  }
}

extension Trait where Self == HangLimit {
  /// For suites whose tests would hang if what they test did.
  ///
  /// - Parameter minutes: far above what any machine needs, however busy.
  public static func hangLimit(minutes: Int = 10) -> Self { Self(seconds: 60 * Double(minutes)) }
}
