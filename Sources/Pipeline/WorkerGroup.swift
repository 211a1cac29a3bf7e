import Synchronization

/// The workers of one stage: they share the input, the output, and the decision which of them closes it.
final class WorkerGroup<S: Stage & ~Copyable>: Sendable {
  private struct Census {
    var starting: Int
    var running: Int
    var hasStarted = false
  }

  private let input: BoundedQueue<S.Input>
  private let output: BoundedQueue<S.Output>
  private let meter: StageMeter
  private let onFailure: @Sendable (S.Input, StageFailure, (S.Output) -> Void) -> Void
  private let onFault: @Sendable (RunFault) -> Void
  private let census: Mutex<Census>

  init(
    input: BoundedQueue<S.Input>, output: BoundedQueue<S.Output>, meter: StageMeter, workers: Int,
    onFailure: @escaping @Sendable (S.Input, StageFailure, (S.Output) -> Void) -> Void,
    onFault: @escaping @Sendable (RunFault) -> Void
  ) {
    self.input = input
    self.output = output
    self.meter = meter
    self.onFailure = onFailure
    self.onFault = onFault
    census = Mutex(Census(starting: workers, running: workers))
  }

  /// Runs one worker; returns when the input has ended.
  func runWorker(make: () throws -> S) {
    do {
      var stage = try make()
      noteStart(succeeded: true)
      processAll(with: &stage)
    } catch {
      onFault(RunFault(stage: S.name, moment: .start, error: error))
      if noteStart(succeeded: false) { refuseAll(because: error) }
    }
    noteEnd()
  }

  private func processAll(with stage: inout S) {
    var clock = WorkerClock(meter: meter)
    while let item = input.pop() {
      clock.stopWaitingForInput()
      var failures = 0
      do {
        try stage.process(item) { push($0, &clock) }
      } catch {
        failures = 1
        onFailure(item, .item(error)) { push($0, &clock) }
      }
      clock.endItem(itemsIn: 1, failures: failures)
    }
    clock.stopWaitingForInput()
    do {
      try stage.finish { push($0, &clock) }
    } catch {
      onFault(RunFault(stage: S.name, moment: .finish, error: error))
    }
    clock.endItem(itemsIn: 0, failures: 0)
  }

  private func refuseAll(because error: any Error) {
    var clock = WorkerClock(meter: meter)
    while let item = input.pop() {
      clock.stopWaitingForInput()
      onFailure(item, .noWorker(error)) { push($0, &clock) }
      clock.endItem(itemsIn: 1, failures: 1)
    }
  }

  private func push(_ item: S.Output, _ clock: inout WorkerClock) {
    clock.startWaitingForRoom()
    let isTaken = output.push(item)
    clock.stopWaitingForRoom(itemsOut: isTaken ? 1 : 0)
  }

  /// - Returns: whether this was the last start and none has succeeded; if so, this worker must drain the input.
  @discardableResult
  private func noteStart(succeeded: Bool) -> Bool {
    census.withLock {
      $0.starting -= 1
      $0.hasStarted = $0.hasStarted || succeeded
      return $0.starting == 0 && !$0.hasStarted
    }
  }

  private func noteEnd() {
    let isLast = census.withLock {
      $0.running -= 1
      return $0.running == 0
    }
    if isLast { output.close() }
  }
}
