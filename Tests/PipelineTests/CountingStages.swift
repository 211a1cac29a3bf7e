import Pipeline

struct StageFault: Error, Equatable {
  let item: Int
}

/// A number on its way, or the failure that stands for it.
enum Item: Sendable, Hashable {
  case number(Int)
  case failed(Int, at: String)

  var number: Int {
    switch self {
    case .number(let number), .failed(let number, _): number
    }
  }
}

/// Passes numbers on and throws on those for which `fails` says so.
struct RelayStage: Stage, ~Copyable {
  static var name: String { "relay" }
  let fails: @Sendable (Int) -> Bool

  mutating func process(_ item: Item, emit: (Item) -> Void) throws {
    if case .number(let number) = item, fails(number) { throw StageFault(item: number) }
    emit(item)
  }
}

/// Gathers numbers into batches of `size`; the last one may be short.
struct BatchStage: Stage, ~Copyable {
  static var name: String { "batch" }
  let size: Int
  private var held: [Int] = []

  init(size: Int) {
    self.size = size
  }

  mutating func process(_ item: Int, emit: ([Int]) -> Void) {
    held.append(item)
    if held.count == size { emitAll(emit) }
  }

  mutating func finish(emit: ([Int]) -> Void) {
    if !held.isEmpty { emitAll(emit) }
  }

  private mutating func emitAll(_ emit: ([Int]) -> Void) {
    emit(held)
    held = []
  }
}

extension PipelineRun {
  func numbers(_ count: Int, capacity: Int = 4) -> BoundedQueue<Item> {
    source("numbers", capacity: capacity) { emit in
      for number in 0..<count { guard emit(.number(number)) else { return } }
    }
  }

  /// A relay whose failures travel on as items.
  func relay(
    _ input: BoundedQueue<Item>, label: String = "relay", workers: Int = 1, capacity: Int = 2,
    fails: @escaping @Sendable (Int) -> Bool = { _ in false },
    start: @escaping @Sendable (Int) throws -> Void = { _ in }
  ) -> BoundedQueue<Item> {
    attach(
      to: input, workers: workers, capacity: capacity,
      make: { index in
        try start(index)
        return RelayStage(fails: fails)
      },
      onFailure: { item, _, emit in emit(.failed(item.number, at: label)) })
  }
}

extension BoundedQueue {
  func popAll() -> [Element] {
    var all: [Element] = []
    while let element = pop() { all.append(element) }
    return all
  }
}
