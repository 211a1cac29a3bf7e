import Compute
import Foundation
import Models
import NeuralNet

/// Images a second of the networks, one thread, batch 32, 256×256: one JSON object a line, for `bench.py`.

let batch = 32
let input = Tensor([batch, 3, PaperCNN.inputSize, PaperCNN.inputSize]) { values in
  var generator = SeededGenerator(seed: 1)
  for index in values.indices { values[index] = generator.normal() }
}

/// Median rate of seven runs after two for warming up.
func report(_ work: String, _ body: () throws -> Void) rethrows {
  for _ in 0..<2 { try body() }
  var seconds: [Double] = []
  for _ in 0..<7 {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    seconds.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }
  let rate = Double(batch) / seconds.sorted()[3]
  print(#"{"work": "\#(work)", "imagesPerSecond": \#(rate)}"#)
}

func measure(_ name: String, _ network: Network) throws {
  let inference = try Executor(network, batch: batch, use: .inference)
  try inference.setInput(input)
  try report("inference \(name)") { _ = try inference.infer(count: batch) }

  let trainer = try DataParallelTrainer(network, batch: batch, workers: 1, seed: 1)
  let labels = (0..<batch).map { Float($0 % 2) }
  try report("training \(name)") {
    _ = try trainer.step(labels: labels, learningRate: 0.001) { _, values in
      for index in values.indices { values[index] = 0.5 }
    }
  }
}

try measure("paper", PaperCNN().network(seed: 1))
