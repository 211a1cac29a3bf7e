import Glibc
import Synchronization
import TestSupport
import Testing

@Suite("Traits of this package's tests")
struct TraitTests {
  /// How many tasks are inside, how many at most were, and how many have been.
  private final class Census: Sendable {
    private let counts = Mutex((inside: 0, most: 0, passed: 0))

    var most: Int { counts.withLock { $0.most } }
    var passed: Int { counts.withLock { $0.passed } }

    func enter() {
      counts.withLock {
        $0.inside += 1
        $0.most = max($0.most, $0.inside)
      }
    }

    func leave() {
      counts.withLock {
        $0.inside -= 1
        $0.passed += 1
      }
    }
  }

  @Test("a turnstile admits no more tasks at a time than it has places, and eventually all", arguments: [1, 3])
  func turnstile(places: Int) async {
    let (turnstile, census) = (Turnstile(places: places), Census())
    await withTaskGroup { group in
      for _ in 0..<100 {
        group.addTask {
          await turnstile.enter()
          census.enter()
          await Task.yield()
          census.leave()
          turnstile.leave()
        }
      }
    }
    #expect(census.most <= places && census.passed == 100)
  }

  @Test("a hanging body ends the process, even if it blocks its thread; a terminating one does not")
  func hang() async {
    await #expect(processExitsWith: .failure) {
      await HangLimit(seconds: 0.01).watch("this test") { while true { sleep(1000) } }
    }
    await #expect(processExitsWith: .success) {
      await HangLimit(seconds: 1000).watch("this test") {}
    }
  }
}
