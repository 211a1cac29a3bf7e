import Dispatch
import Pipeline
import Synchronization
import TestSupport
import Testing

@Suite("Bounded queue", .hangLimit())
struct BoundedQueueTests {
  @Test("elements leave in the order in which they came")
  func order() {
    let queue = BoundedQueue<Int>(capacity: 3)
    DispatchQueue(label: "producer").async {
      for number in 0..<1000 { queue.push(number) }
      queue.close()
    }
    var received: [Int] = []
    while let number = queue.pop() { received.append(number) }
    #expect(received == Array(0..<1000))
  }

  @Test("a producer never gets further ahead than the capacity", arguments: [1, 2, 7])
  func capacity(_ capacity: Int) {
    let queue = BoundedQueue<Int>(capacity: capacity)
    let pushed = Mutex(0)
    DispatchQueue(label: "producer").async {
      for number in 0..<200 {
        queue.push(number)
        pushed.withLock { $0 += 1 }
      }
      queue.close()
    }
    var popped = 0
    while queue.pop() != nil {
      popped += 1
      #expect(queue.count <= capacity)
      #expect(pushed.withLock { $0 } <= popped + capacity)
    }
    #expect(popped == 200)
  }

  @Test("closing lets the rest out and nothing more in")
  func close() {
    let queue = BoundedQueue<String>(capacity: 2)
    #expect(queue.push("a"))
    queue.close()
    #expect(!queue.push("b"))
    #expect(queue.pop() == "a")
    #expect(queue.pop() == nil)
    #expect(queue.pop() == nil)
  }

  @Test("closing frees a consumer that waits")
  func closeWakesConsumer() {
    let queue = BoundedQueue<Int>(capacity: 1)
    let done = DispatchGroup()
    DispatchQueue(label: "consumer").async(group: done) { #expect(queue.pop() == nil) }
    queue.close()
    done.wait()
  }

  @Test("cancelling drops what waits and frees a producer that waits for room")
  func cancel() {
    let queue = BoundedQueue<Int>(capacity: 1)
    queue.push(1)
    let done = DispatchGroup()
    DispatchQueue(label: "producer").async(group: done) { #expect(!queue.push(2)) }
    queue.cancel()
    done.wait()
    #expect(queue.isCancelled)
    #expect(queue.count == 0)
    #expect(queue.pop() == nil)
  }

  @Test("many producers and consumers lose and double nothing")
  func crowd() {
    let queue = BoundedQueue<Int>(capacity: 4)
    let seen = Mutex<[Int]>([])
    let producers = DispatchGroup()
    let consumers = DispatchGroup()
    for producer in 0..<4 {
      DispatchQueue(label: "producer").async(group: producers) {
        for number in 0..<250 { queue.push(producer * 250 + number) }
      }
      DispatchQueue(label: "consumer").async(group: consumers) {
        while let number = queue.pop() { seen.withLock { $0.append(number) } }
      }
    }
    producers.wait()
    queue.close()
    consumers.wait()
    #expect(seen.withLock { $0.sorted() } == Array(0..<1000))
  }
}
