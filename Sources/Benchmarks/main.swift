import Compute
import Foundation
import Models
import NeuralNet

/// Images a second of the networks, one thread, batch 32, 256×256: one JSON object a line, for `bench.py`.
///
/// Arguments choose what is measured, such as `"inference wide"`; without any, everything is.

let batch = 32
let runs = 5
let chosen = Set(CommandLine.arguments.dropFirst())
let input = Tensor([batch, 3, PaperCNN.inputSize, PaperCNN.inputSize]) { values in
  var generator = SeededGenerator(seed: 1)
  for index in values.indices { values[index] = generator.normal() }
}

/// Median rate of the runs after one for warming up.
func report(_ work: String, _ make: () throws -> () throws -> Void) throws {
  guard chosen.isEmpty || chosen.contains(work) else { return }
  let body = try make()
  try body()
  var seconds: [Double] = []
  for _ in 0..<runs {
    let start = cpuSeconds()
    try body()
    seconds.append(cpuSeconds() - start)
  }
  print(#"{"work": "\#(work)", "imagesPerSecond": \#(Double(batch) / seconds.sorted()[runs / 2])}"#)
}

/// CPU time of this process: what others do on the machine at the same time does not count.
func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func measure(_ name: String, _ network: Network) throws {
  try report("inference \(name)") {
    let executor = try Executor(
      network, batch: batch, use: .inference)
    try executor.setInput(input)
    return { _ = try executor.infer(count: batch) }
  }
  try report("gradient \(name)") {
    let executor = try Executor(
      network, batch: batch, use: .inputGradient,
      chunk: ProcessInfo.processInfo.environment["CHUNK"].flatMap { Int($0) })
    return { _ = try executor.inputGradient(input) { output, _ in output } }
  }
  try report("training \(name)") {
    let trainer = try DataParallelTrainer(network, batch: batch, workers: 1, seed: 1)
    let labels = (0..<batch).map { Float($0 % 2) }
    return {
      _ = try trainer.step(labels: labels, learningRate: 0.001) { _, values in
        for index in values.indices { values[index] = 0.5 }
      }
    }
  }
}

try measure("paper", PaperCNN().network(seed: 1))
try measure("wide", BenchmarkNetworks.wide(seed: 1))
try measure("resnet50", BenchmarkNetworks.resNet50(seed: 1))
