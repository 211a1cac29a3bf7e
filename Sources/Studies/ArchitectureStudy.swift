import Datasets
import Foundation
import Isolation
import Models
import NeuralNet
import Runs
import Training

/// Compares variants of the paper's network and other architectures at an equal training budget.
struct ArchitectureStudy: Study {
  static let about = StudyAbout(
    name: "architectures", title: "Architectures at an equal training budget",
    question:
      "Which changes of the paper's network improve accuracy or robustness at an equal number of training steps, how do "
      + "other networks compare under the same training, and what does each cost?",
    inputs: "CROPS",
    settings: [
      .init(
        "networks", "architectures, as listed by assay model list; the first is the baseline"),
      .init("seeds", "seeds of weights and order"),
    ] + StudyTrial.settings)

  /// Crops per timed pass, and number of timed passes.
  private static let timed = (crops: 8, passes: 3)

  let request: StudyRequest
  let networks: [String]
  let seeds: [Int]
  private(set) var trial: StudyTrial?
  private let crops: StudyCrops

  init(_ request: StudyRequest) throws {
    self.request = request
    networks = try request.settings.texts("networks")
    for name in networks { _ = try NetworkName(name) }
    guard networks.count > 1, Set(networks).count == networks.count else {
      throw WorkflowError.usage("the setting 'networks' takes at least two different networks")
    }
    seeds = try request.settings.integers("seeds", in: 0...1_000_000)
    try StudyTrial.check(request.settings)
    crops = try StudyCrops(request.inputs)
  }

  var sources: [StudySource] { [crops.source] }

  mutating func prepare(_ bench: StudyBench) throws { trial = try StudyTrial(crops, request, bench) }

  func cells() -> [StudyCell] {
    networks.flatMap { network in seeds.map { StudyCell([.network: network, .seed: "\($0)"]) } }
  }

  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    guard let trial, let seed = UInt64(cell[.seed]) else {
      preconditionFailure("the study is not prepared for \(cell.text)")
    }
    // A resumed cell lacks the CPU time of its earlier run.
    let isResumed = StudyBench.isBegun(
      TrainOptions(crops: "", output: bench.path("\(cell.fileName).safetensors")))
    let begin = ResourceUsage.ofThisProcess().cpuSeconds
    guard
      var record = try trial.run(
        cell, network: cell[.network], crops: trial.wholeTrainingPart, seed: seed, bench)
    else { return nil }
    if !isResumed { record.values["cpu_seconds"] = ResourceUsage.ofThisProcess().cpuSeconds - begin }
    let network = try trial.untrained(cell[.network])
    record.values["parameters"] = Double(network.parameterCount)
    record.values["gflop"] = 2 * Double(try network.multiplications()) / 1e9
    record.values["cost_ratio"] = try Self.costRatio(network, to: trial.untrained(networks[0]))
    return record
  }

  /// CPU time per crop relative to `reference`. Measurements alternate, so load on the machine affects both networks
  /// equally.
  private static func costRatio(_ network: Network, to reference: Network) throws -> Double {
    let executors = try [network, reference].map { try Executor($0, batch: timed.crops, use: .inference) }
    var best = [Double.infinity, .infinity]
    for executor in executors {
      executor.withInput { for index in $0.indices { $0[index] = Float(index % 7) / 7 } }
      _ = try executor.infer(count: timed.crops)
    }
    for _ in 0..<timed.passes {
      for (index, executor) in executors.enumerated() {
        let begin = ResourceUsage.ofThisProcess().cpuSeconds
        // Repeats short passes until they exceed the resolution of the clock.
        var passes = 0
        repeat {
          _ = try executor.infer(count: timed.crops)
          passes += 1
        } while ResourceUsage.ofThisProcess().cpuSeconds - begin < 0.05
        best[index] = min(best[index], (ResourceUsage.ofThisProcess().cpuSeconds - begin) / Double(passes))
      }
    }
    return best[0] / best[1]
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    guard let trial else { preconditionFailure("the study is not prepared") }
    return try ArchitectureFindings(study: self, trial: trial, records: records).make()
  }
}
