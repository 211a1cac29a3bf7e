import DequeModule
import Glibc

/// A thread-safe FIFO queue of at most `capacity` elements.
///
/// `push` blocks while the queue is full and `pop` while it is empty, so a slow consumer slows down its producers and
/// memory stays bounded. With one producer and one consumer the order is exact; with several, each producer's elements
/// keep their order.
public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  /// Maximum number of waiting elements; at least 1.
  public let capacity: Int

  private enum State { case open, closed, cancelled }

  // All properties below are guarded by `mutex`, which makes the class sendable.
  private var elements: Deque<Element>
  private var state = State.open
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let hasElements = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let hasRoom = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// - Precondition: `capacity` is at least 1.
  public init(capacity: Int) {
    precondition(capacity >= 1, "a queue of capacity \(capacity) would block for ever")
    self.capacity = capacity
    elements = Deque(minimumCapacity: capacity)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(hasElements, nil)
    pthread_cond_init(hasRoom, nil)
  }

  deinit {
    pthread_cond_destroy(hasRoom)
    pthread_cond_destroy(hasElements)
    pthread_mutex_destroy(mutex)
    hasRoom.deallocate()
    hasElements.deallocate()
    mutex.deallocate()
  }

  /// Appends `element`; blocks while the queue is full.
  ///
  /// - Returns: false, with `element` dropped, if the queue was closed or cancelled before there was room.
  @discardableResult
  public func push(_ element: Element) -> Bool {
    locked {
      while state == .open, elements.count >= capacity { pthread_cond_wait(hasRoom, mutex) }
      guard state == .open else { return false }
      elements.append(element)
      pthread_cond_signal(hasElements)
      return true
    }
  }

  /// Removes the oldest element; blocks while the queue is empty.
  ///
  /// - Returns: nil once the queue is closed and empty, or cancelled.
  public func pop() -> Element? {
    locked {
      while state == .open, elements.isEmpty { pthread_cond_wait(hasElements, mutex) }
      guard state != .cancelled, let element = elements.popFirst() else { return nil }
      pthread_cond_signal(hasRoom)
      return element
    }
  }

  /// Ends the stream: waiting elements can still be popped, but nothing more can be pushed.
  public func close() {
    locked {
      guard state == .open else { return }
      state = .closed
      wakeAll()
    }
  }

  /// Ends the stream immediately: drops waiting elements and unblocks all callers.
  public func cancel() {
    locked {
      state = .cancelled
      elements.removeAll()
      wakeAll()
    }
  }

  /// Current number of waiting elements; it may change before the caller reads it.
  public var count: Int { locked { elements.count } }

  public var isCancelled: Bool { locked { state == .cancelled } }

  private func wakeAll() {
    pthread_cond_broadcast(hasElements)
    pthread_cond_broadcast(hasRoom)
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
