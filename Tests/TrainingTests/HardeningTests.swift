import Attacks
import Compute
import Datasets
import Foundation
import Models
import NeuralNet
import TestSupport
import Testing
import TrainingSupport

@testable import RedTeam
@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Hardening")
struct HardeningTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions {
    var options = TrainOptions.small(name, crops: crops, in: folder)
    options.dropout = 0
    options.epochs = 12
    options.augmentation = 0
    return options
  }

  private func robustAccuracy(_ model: String, _ crops: String) throws -> Double {
    var attack = AttackOptions(models: [model], crops: crops, output: folder.path("attack-\(UUID().uuidString)"))
    attack.attacks = ["pgd"]
    attack.budgets = [.linf: [0.12]]
    attack.steps = 10
    attack.part = .all
    attack.limit = 20
    attack.quiet = true
    return try #require(try attackModels(attack).rows.first).robustAccuracy
  }

  @Test(
    "a hardened network withstands an attack that fools an unhardened one",
    arguments: [HardeningOptions.Method.pgd, .fgsmRS, .trades, .free])
  func hardens(_ method: HardeningOptions.Method) throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 32)
    let plain = options("plain", crops: crops)
    _ = try trainDetector(plain)
    var hardened = options("hardened", crops: crops)
    hardened.hardening = HardeningOptions(method, epsilon: 0.12)
    hardened.hardening?.replays = 2
    _ = try trainDetector(hardened)
    let (weak, strong) = (try robustAccuracy(plain.output, crops), try robustAccuracy(hardened.output, crops))
    #expect(strong > weak + 0.2, "\(weak), hardened \(strong)")
    let log = try TrainingLog.read(hardened.logLinesPath)
    #expect(log.count == 12 && log.allSatisfy { $0.robustAUC != nil })
    #expect(try loadModel(at: hardened.output).detector.card.settings["adversarial"] == method.rawValue)
  }

  @Test("an interrupted hardening run resumes", arguments: [HardeningOptions.Method.trades, .free])
  func resumes(_ method: HardeningOptions.Method) throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 32)
    var whole = options("whole", crops: crops)
    whole.epochs = 3
    whole.hardening = HardeningOptions(method, epsilon: 0.05)
    whole.hardening?.replays = 3
    _ = try trainDetector(whole)
    var parts = whole
    parts.output = folder.path("parts")
    let data = try TrainingData(parts)
    try data.split.write(to: parts.splitPath)
    let interruption = Interruption()
    var run = try TrainingRun(parts, data: data)
    run.afterStep = { if $0 == 4 { interruption.receive(SIGINT) } }
    try run.run(interruption, progress: ProgressLine(unit: "steps", quiet: true))
    parts.resume = true
    _ = try trainDetector(parts)
    #expect(
      try loadModel(at: whole.output).detector.network.parameters
        == loadModel(at: parts.output).detector.network.parameters)
  }

  @Test(
    "perturbed crops stay in the ball and in the pixel range, and increase the loss",
    arguments: [HardeningOptions.Method.pgd, .fgsmRS, .trades])
  func ball(_ method: HardeningOptions.Method) throws {
    var design = PaperCNN()
    design.inputSize = 32
    let network = design.network(seed: 3)
    let preprocessing = Preprocessing(mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3])
    var settings = HardeningOptions(method, epsilon: 0.1)
    settings.steps = 3
    let examples = try AdversarialExamples(
      settings, network: network, preprocessing: preprocessing, batch: 4, workers: 1, seed: 1)
    var generator = SeededGenerator(seed: 2)
    let pixels = (0..<(4 * 32 * 32 * 3)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    var clean = [Float](repeating: 0, count: pixels.count)
    clean.withUnsafeMutableBufferPointer { preprocessing.write(pixels, into: $0) }
    var moved = clean
    let labels: [Float] = [1, 0, 1, 0]
    try moved.withUnsafeMutableBufferPointer {
      try examples.perturb($0, labels: labels, worker: 0, step: 5, first: 0, epsilon: 0.1)
    }
    for i in moved.indices {
      let (mean, deviation) = (preprocessing.mean[i % 3], preprocessing.standardDeviation[i % 3])
      let value = moved[i] * deviation + mean
      #expect((-1e-5...1 + 1e-5).contains(value) && abs(moved[i] - clean[i]) * deviation <= 0.1 + 1e-5)
    }
    #expect(moved != clean)
    let before = try clean.withUnsafeMutableBufferPointer { try examples.logits($0, count: 4) }
    let after = try moved.withUnsafeMutableBufferPointer { try examples.logits($0, count: 4) }
    if method != .trades {
      for i in 0..<4 { #expect(labels[i] == 1 ? after[i] < before[i] : after[i] > before[i]) }
    }
  }

  @Test("budgets grow from 0 to their full size", arguments: HardeningOptions.Schedule.allCases)
  func schedule(_ schedule: HardeningOptions.Schedule) {
    var options = HardeningOptions(.pgd, epsilon: 0.1)
    (options.ramp, options.schedule) = (0.5, schedule)
    let budgets = (0..<200).map { options.budget(step: $0, of: 200) }
    #expect(zip(budgets, budgets.dropFirst()).allSatisfy { $0 <= $1 + 1e-7 })
    #expect(
      budgets[0] <= 0.0251 && abs(budgets[49] - 0.05) < 1e-5 && budgets[99...].allSatisfy { abs($0 - 0.1) < 1e-6 })
    if schedule == .stairs { #expect(Set(budgets).count == 4) }
    options.ramp = 0
    #expect(options.budget(step: 0, of: 200) == 0.1)
  }

  @Test("free training carries its perturbation over, replays each batch, and stays in the ball and in the range")
  func free() {
    let preprocessing = Preprocessing(mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3])
    let free = FreePerturbation(replays: 3, preprocessing: preprocessing, values: 6, workers: 1, kept: [:])
    #expect((0..<7).map(free.minibatch) == [0, 0, 0, 1, 1, 1, 2])
    var input = [Float](repeating: 0, count: 6)
    var written = 0
    func fill(_ minibatch: Int, _ epsilon: Float, _ free: FreePerturbation) -> [Float] {
      input.withUnsafeMutableBufferPointer { input in
        free.fill(input, worker: 0, minibatch: minibatch, epsilon: epsilon) { clean in
          written += 1
          // Black, white and grey.
          for (i, value) in [Float(0), 1, 0.5, 1, 0.5, 0].enumerated() {
            clean[i] = (value - preprocessing.mean[i % 3]) / preprocessing.standardDeviation[i % 3]
          }
        }
      }
      return input.indices.map { input[$0] * preprocessing.standardDeviation[$0 % 3] + preprocessing.mean[$0 % 3] }
    }
    func near(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 } }
    #expect(near(fill(0, 0.1, free), [0, 1, 0.5, 1, 0.5, 0]))
    [Float(1), 1, -2, -1, 0, 3].withUnsafeBufferPointer { free.ascend($0, worker: 0, epsilon: 0.1) }
    let moved: [Float] = [0.1, 1, 0.4, 0.9, 0.5, 0.1]
    #expect(near(fill(0, 0.1, free), moved) && written == 1)
    // Into the next minibatch, and into another run.
    #expect(near(fill(1, 0.1, free), moved) && written == 2)
    let resumed = FreePerturbation(replays: 3, preprocessing: preprocessing, values: 6, workers: 1, kept: free.kept)
    #expect(near(fill(1, 0.1, resumed), moved) && written == 3)
    #expect(near(fill(1, 0.05, resumed), [0.05, 1, 0.45, 0.95, 0.5, 0.05]))
  }

  @Test("randomness depends on a crop's index in the batch, not on the number of workers")
  func workers() throws {
    var design = PaperCNN()
    design.inputSize = 32
    let (network, values) = (design.network(seed: 3), 32 * 32 * 3)
    func noise(workers: Int) throws -> [Float] {
      let examples = try AdversarialExamples(
        HardeningOptions(.noise, epsilon: 0.1), network: network, preprocessing: Preprocessing(), batch: 4,
        workers: workers, seed: 1)
      var all: [Float] = []
      for worker in 0..<workers {
        let fraction = 4 / workers
        var input = [Float](repeating: 0, count: fraction * values)
        try input.withUnsafeMutableBufferPointer {
          try examples.perturb(
            $0, labels: [Float](repeating: 1, count: fraction), worker: worker, step: 5, first: worker * fraction,
            epsilon: 0.1)
        }
        all += input
      }
      return all
    }
    let one = try noise(workers: 1)
    #expect(try noise(workers: 2) == one)
    #expect(one[..<values] != one[values..<(2 * values)])
  }

  @Test("noise has the requested standard deviation")
  func noise() throws {
    var design = PaperCNN()
    design.inputSize = 32
    let preprocessing = Preprocessing()
    let examples = try AdversarialExamples(
      HardeningOptions(.noise, epsilon: 0.1), network: design.network(seed: 3), preprocessing: preprocessing, batch: 4,
      workers: 1, seed: 1)
    var input = [Float](repeating: 0, count: 4 * 32 * 32 * 3)
    try input.withUnsafeMutableBufferPointer {
      try examples.perturb($0, labels: [1, 0, 1, 0], worker: 0, step: 5, first: 0, epsilon: 0.1)
    }
    let deviation =
      (input.reduce(0) { $0 + $1 * $1 } / Float(input.count)).squareRoot() * preprocessing.standardDeviation[0]
    #expect(abs(deviation - 0.1) < 0.003)
  }
}
