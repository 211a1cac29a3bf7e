import Foundation
import Synchronization
public import Testing

/// Runs heavy suites, those that start programs, at most as many at once as there are processor cores, up to four, each
/// serially; light suites run beside them.
///
/// A suite waits for its turn as a whole, before any test of it starts. Each case has a `HangLimit` of two hours.
public struct HeavySuite: SuiteTrait, TestTrait, TestScoping {
  private static let turnstile = Turnstile(places: min(4, ProcessInfo.processInfo.activeProcessorCount))
  private static let limit = HangLimit(seconds: 7200)

  public var isRecursive: Bool { true }

  public func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? {
    test.isSuite || testCase != nil ? self : nil
  }

  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard test.isSuite else { return try await Self.limit.watch(test.name, function) }
    await Self.turnstile.enter()
    defer { Self.turnstile.leave() }
    let serial: ParallelizationTrait = .serialized
    try await serial.provideScope(for: test, testCase: testCase, performing: function)
  }
}

extension Trait where Self == HeavySuite {
  /// For suites that start programs; they must contain no other suites.
  public static var heavy: Self { Self() }
}

/// Lets so many tasks in at a time, in the order of arrival. Waiting tasks block no thread.
public final class Turnstile: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let places: Int
  private let state: Mutex<State>

  /// - Precondition: `places` is positive.
  public init(places: Int) {
    precondition(places > 0, "a turnstile for \(places) tasks")
    self.places = places
    state = Mutex(State(free: places))
  }

  public func enter() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        guard state.free == 0 else {
          state.free -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  /// Lets the next task in.
  ///
  /// - Precondition: the caller entered.
  public func leave() {
    let next: CheckedContinuation<Void, Never>? = state.withLock { state in
      precondition(state.free < places, "nobody entered")
      if state.waiting.isEmpty { state.free += 1 }
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.resume()
  }
}
