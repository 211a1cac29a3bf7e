import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

@Suite("Pipeline run", .hangLimit())
struct PipelineRunTests {
  @Test("one worker keeps the order through several stages")
  func order() {
    let run = PipelineRun()
    let last = run.relay(run.relay(run.numbers(500)))
    #expect(last.popAll() == (0..<500).map(Item.number))
    run.wait()
    #expect(run.faults.isEmpty)
  }

  @Test("several workers lose and double nothing", arguments: [2, 5])
  func crowd(_ workers: Int) {
    let run = PipelineRun()
    let last = run.relay(run.relay(run.numbers(500), workers: workers), workers: workers)
    #expect(last.popAll().map(\.number).sorted() == Array(0..<500))
    run.wait()
  }

  @Test("failures at any stage arrive as items and hold nothing up", arguments: 0..<3)
  func failureAtStage(_ failing: Int) {
    let run = PipelineRun()
    var queue = run.numbers(60)
    for stage in 0..<3 {
      queue = run.relay(queue, label: "stage \(stage)", workers: 2) { stage == failing && $0.isMultiple(of: 3) }
    }
    let items = queue.popAll()
    run.wait()
    #expect(Set(items.map(\.number)) == Set(0..<60))
    #expect(items.count == 60)
    for item in items where item.number.isMultiple(of: 3) {
      #expect(item == .failed(item.number, at: "stage \(failing)"))
    }
    #expect(run.reports.map(\.failures).reduce(0, +) == 20)
  }

  @Test("the failure handler gets the item and the thrown error")
  func handler() {
    let run = PipelineRun()
    let seen = Mutex<[(Item, StageFault?)]>([])
    let last = run.attach(
      to: run.numbers(5), workers: 1, capacity: 1, make: { _ in RelayStage { $0 == 3 } },
      onFailure: { item, failure, _ in seen.withLock { $0.append((item, failure.underlying as? StageFault)) } })
    #expect(last.popAll().map(\.number) == [0, 1, 2, 4])
    run.wait()
    seen.withLock {
      #expect($0.count == 1)
      #expect($0.first?.0 == .number(3))
      #expect($0.first?.1 == StageFault(item: 3))
    }
  }

  @Test("when no worker starts, every item still arrives as a failure", arguments: [1, 3])
  func nobodyStarts(_ workers: Int) {
    let run = PipelineRun()
    let last = run.relay(run.numbers(100), label: "broken", workers: workers, start: { throw StageFault(item: $0) })
    let items = last.popAll()
    run.wait()
    #expect(items == (0..<100).map { .failed($0, at: "broken") })
    #expect(run.faults.count == workers)
    #expect(run.faults.allSatisfy { $0.moment == .start && $0.stage == "relay" })
  }

  @Test("a worker that does not start takes no items away from the others")
  func someStart() {
    let run = PipelineRun()
    let last = run.relay(
      run.numbers(100), workers: 3,
      start: { index in
        if index != 1 { throw StageFault(item: index) }
        usleep(20_000)
      })
    #expect(last.popAll() == (0..<100).map(Item.number))
    run.wait()
    #expect(run.faults.count == 2)
  }

  @Test("what a stage holds back comes out at the end of its input")
  func finish() {
    let run = PipelineRun()
    let numbers = run.source("numbers", capacity: 2) { emit in for number in 0..<10 { _ = emit(number) } }
    let batches = run.attach(
      to: numbers, workers: 1, capacity: 1, make: { _ in BatchStage(size: 4) }, onFailure: { _, _, _ in })
    #expect(batches.popAll() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    run.wait()
  }

  @Test("a source that throws ends the stream and is reported")
  func sourceFails() {
    let run = PipelineRun()
    let numbers = run.source("walk", capacity: 2) { emit in
      _ = emit(Item.number(1))
      throw StageFault(item: 2)
    }
    #expect(run.relay(numbers).popAll() == [.number(1)])
    run.wait()
    #expect(run.faults.map(\.moment) == [.source])
    #expect(run.faults.first?.description.hasPrefix("The source walk stopped early") == true)
  }

  @Test("cancelling frees everybody although nobody empties the last queue")
  func cancel() {
    let run = PipelineRun()
    let last = run.relay(run.relay(run.numbers(.max), workers: 2))
    #expect(last.pop() != nil)
    run.cancel()
    run.wait()
    #expect(last.pop() == nil)
  }

  @Test("stopping ends the source and lets what is under way arrive")
  func stop() {
    let run = PipelineRun()
    let last = run.relay(run.numbers(.max))
    #expect(last.pop() == .number(0))
    run.stop()
    let rest = last.popAll()
    run.wait()
    #expect(rest == (1..<1 + rest.count).map(Item.number))
    let reports = run.reports
    #expect(reports[0].itemsOut == 1 + rest.count)
    #expect(reports[1].itemsIn == 1 + rest.count)
  }

  @Test("each stage has a report, and the time inside a stage is busy time")
  func meters() throws {
    let run = PipelineRun()
    let inside = Mutex(Duration.zero)
    let slow = run.relay(run.numbers(10, capacity: 1), capacity: 1) { _ in
      let took = SuspendingClock().measure { usleep(1000) }
      inside.withLock { $0 += took }
      return false
    }
    let last = run.relay(slow)
    #expect(last.popAll().count == 10)
    run.wait()
    let reports = run.reports
    #expect(reports.map(\.name) == ["numbers", "relay", "relay"])
    #expect(reports.map(\.itemsOut) == [10, 10, 10])
    let seconds = inside.withLock { $0 / .seconds(1) }
    #expect(reports[1].busySeconds >= seconds - 1e-6)
  }

  @Test("a worker's time is split into starved, busy and blocked")
  func clock() {
    var now = SuspendingClock.now
    let meter = StageMeter(name: "stage", workers: 1)
    var clock = WorkerClock(meter: meter, now: { now })
    // Two items: waited for, processed, passed on in the middle of the processing.
    for _ in 0..<2 {
      now += .seconds(1)
      clock.stopWaitingForInput()
      now += .seconds(10)
      clock.startWaitingForRoom()
      now += .seconds(100)
      clock.stopWaitingForRoom(itemsOut: 3)
      now += .seconds(1000)
      clock.endItem(itemsIn: 1, failures: 0)
    }
    #expect(meter.report.starvedSeconds == 2)
    #expect(meter.report.busySeconds == 2020)
    #expect(meter.report.blockedSeconds == 200)
    #expect(meter.report.itemsIn == 2 && meter.report.itemsOut == 6)
  }
}
