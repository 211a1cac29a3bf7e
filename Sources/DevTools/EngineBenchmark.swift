import Compute
import Dispatch
import Foundation
import NeuralNet
import ONNX

/// What the engine does in a second, one thread, batch 32, 256×256: one JSON object a line, for `bench.py`.
///
/// `measure [WORK…]` measures, for example `"inference wide"`; without any work, everything. `export FOLDER` writes the
/// networks as ONNX for others to measure.
struct EngineBenchmark {
  private static let batch = 32

  /// Names of the work to measure; empty for all.
  let chosen: Set<String>
  private let input = Tensor([batch, 3, BenchmarkNetworks.size, BenchmarkNetworks.size]) { values in
    var generator = SeededGenerator(seed: 1)
    for index in values.indices { values[index] = generator.normal() }
  }

  init(chosen: Set<String>) { self.chosen = chosen }

  func measureAll() throws {
    measurePeak()
    for name in BenchmarkNetworks.names {
      let network = try BenchmarkNetworks.network(name)
      emit("gflop \(name)", try gflop(network), "gflop")
      try measure(name, network)
      if name == "paper" || name == "wide" { try measureScaling(name, network) }
    }
  }

  static func export(to folder: String) throws {
    for name in BenchmarkNetworks.names {
      try ONNXFile.write(try BenchmarkNetworks.network(name), to: "\(folder)/\(name).onnx")
    }
  }

  private func emit(_ work: String, _ value: Double, _ unit: String) {
    print(#"{"work": "\#(work)", "\#(unit)": \#(value)}"#)
  }

  /// Seconds of a call, the median of some after one for warming up; few of what takes long.
  private func seconds(_ clock: clockid_t, _ body: () throws -> Void) rethrows -> Double {
    func once() throws -> Double {
      let start = now(clock)
      try body()
      return now(clock) - start
    }
    var all = [try once()]
    let runs = all[0] > 2 ? 2 : 5
    all = try (0..<runs).map { _ in try once() }
    return all.sorted()[runs / 2]
  }

  private func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Images a second of CPU time: what others do on the machine at the same time does not count.
  private func report(_ work: String, _ make: () throws -> () throws -> Void) throws {
    guard chosen.isEmpty || chosen.contains(work) else { return }
    let body = try make()
    emit(work, Double(Self.batch) / (try seconds(CLOCK_PROCESS_CPUTIME_ID, body)), "imagesPerSecond")
  }

  private func inference(_ network: Network) throws -> () throws -> Void {
    let executor = try Executor(network, batch: Self.batch, use: .inference)
    try executor.setInput(input)
    return { _ = try executor.infer(count: Self.batch) }
  }

  private func measure(_ name: String, _ network: Network) throws {
    try report("inference \(name)") { try inference(network) }
    try report("gradient \(name)") {
      let executor = try Executor(network, batch: Self.batch, use: .inputGradient)
      return { _ = try executor.inputGradient(input) { output, _ in output } }
    }
    try report("training \(name)") {
      let trainer = try DataParallelTrainer(network, batch: Self.batch, workers: 1, seed: 1)
      let labels = (0..<Self.batch).map { Float($0 % 2) }
      return {
        _ = try trainer.step(labels: labels, learningRate: 0.001) { _, values in
          for index in values.indices { values[index] = 0.5 }
        }
      }
    }
  }

  /// Billions of floating-point operations a second of a product of large matrices: what the processor can do.
  private func measurePeak() {
    guard chosen.isEmpty || chosen.contains("sgemm") else { return }
    ComputeThreads.useCallingThreadOnly()
    let side = 1536
    let a = Tensor([side, side], repeating: 0.5)
    var c = Tensor([side, side])
    let time = seconds(CLOCK_PROCESS_CPUTIME_ID) {
      a.withFloats { a in
        c.withMutableFloats { c in
          MatrixProduct.multiply(m: side, n: side, k: side, a.start, a.start, into: c.start)
        }
      }
    }
    emit("sgemm", 2 * Double(side * side * side) / time / 1e9, "gflops")
  }

  /// How much more two workers do in the same wall time than one.
  private func measureScaling(_ name: String, _ network: Network) throws {
    guard chosen.isEmpty || chosen.contains("scaling \(name)") else { return }
    let workers = try (0..<2).map { _ in try inference(network) }
    func wall(_ count: Int) -> Double {
      nonisolated(unsafe) let workers = workers
      return seconds(CLOCK_MONOTONIC) {
        DispatchQueue.concurrentPerform(iterations: count) { worker in
          // What failed once at the start would have thrown there.
          for _ in 0..<4 { try? workers[worker]() }
        }
      }
    }
    let ratios = (0..<3).map { _ in 2 * wall(1) / wall(2) }
    emit("scaling \(name)", ratios.sorted()[1], "times")
  }

  /// Two operations for each multiply-add of one crop, in billions.
  private func gflop(_ network: Network) throws -> Double { 2 * Double(try network.multiplications()) / 1e9 }
}
