import Compute
import Datasets
import Decoder
import Faces
import Files
import Foundation
import Glibc
import Imaging
import Media
import NeuralNet
import Runs
import Safetensors
import Synchronization

/// What `trainFaces` does.
package struct TrainFacesOptions: Sendable {
  /// Face sets made by `labelFaces`.
  package var sets: [String]
  package var output: String
  /// Weights to start from, made by an earlier training; nil: random ones.
  package var from: String?
  package var steps = 20_000
  /// Steps between two measurements on the validation part.
  package var interval = 1000
  package var batch = 32
  /// Side of a training sample in pixels, a multiple of 32.
  package var side = 224
  package var learningRate: Float = 2e-3
  package var weightDecay: Float = 0.02
  /// Decay of the exponential moving average of the weights.
  package var average: Float = 0.999
  /// Fraction of the inputs kept out for validation.
  package var validation = 0.04
  package var seed: UInt64 = 1
  /// Memory for decoded pictures; others are decoded each time.
  package var cacheMiB = 4096
  package var workers = 2
  package var resume = false
  package var quiet = false

  package init(sets: [String], output: String) {
    self.sets = sets
    self.output = output
  }

  var checkpointPath: String { output + ".checkpoint" }
  var logPath: String { output + ".log.jsonl" }

  /// Settings that a resumed run must share.
  var recorded: [String: String] {
    [
      "set": sets.joined(separator: " "), "steps": "\(steps)", "batch": "\(batch)", "side": "\(side)",
      "learning-rate": "\(learningRate)", "weight-decay": "\(weightDecay)", "average": "\(average)",
      "validation": "\(validation)", "seed": "\(seed)", "workers": "\(workers)", "from": from ?? "",
    ]
  }
}

/// Result of a training.
package struct TrainFacesSummary: Sendable {
  package let table: String
  package let interruptedBy: Int32?
}

/// Trains `StandardFaceNetwork` on face sets and writes its averaged weights.
///
/// Validation pictures are searched whole, at the size at which a scan searches, and compared with their annotations.
/// An interrupted run leaves a checkpoint.
///
/// - Throws: `WorkflowError`, `DatasetsError` or `NeuralNetError` that states the remedy.
package func trainFaces(_ options: TrainFacesOptions) throws -> TrainFacesSummary {
  let data = try FaceTrainingData(options)
  let interruption = Interruption.shared
  interruption.install()
  var run = try FaceTrainingRun(options, data)
  let progress = ProgressLine(unit: "steps", total: options.steps, quiet: options.quiet)
  try run.run(interruption, progress)
  progress.finish()
  guard run.isComplete else {
    return TrainFacesSummary(
      table: "interrupted after \(run.stepsDone) of \(options.steps) steps; the same command resumes it",
      interruptedBy: interruption.signal)
  }
  try run.writeWeights(to: options.output)
  unlink(options.checkpointPath)
  return TrainFacesSummary(
    table: data.description + "\n" + FaceTrainingRun.table(run.log) + "weights: \(options.output)", interruptedBy: nil)
}

/// The pictures of all sets, split by input.
struct FaceTrainingData: Sendable {
  let training: [AnnotatedPicture]
  let validation: [AnnotatedPicture]

  init(_ options: TrainFacesOptions) throws {
    var (training, validation): ([AnnotatedPicture], [AnnotatedPicture]) = ([], [])
    for folder in options.sets {
      let set = try FaceSet(folder: folder)
      let parts = set.split(validation: options.validation)
      func pictures(_ indices: [Int]) -> [AnnotatedPicture] {
        indices.map { index in
          var picture = set.pictures[index]
          picture.file = set.path(of: picture)
          return picture
        }
      }
      training += pictures(parts.training)
      validation += pictures(parts.validation)
    }
    guard !training.isEmpty, !validation.isEmpty else {
      throw WorkflowError.settings(
        "\(training.count) pictures for training and \(validation.count) for validation: label more pictures, or give "
          + "--validation another fraction")
    }
    self.training = training
    self.validation = validation
  }

  var description: String {
    func count(_ pictures: [AnnotatedPicture]) -> Int { pictures.reduce(0) { $0 + $1.faces.count(where: \.isCertain) } }
    return "\(training.count) pictures with \(count(training)) faces for training, \(validation.count) with "
      + "\(count(validation)) for validation"
  }

  /// A picture of a face set, which this program wrote.
  static func read(_ picture: AnnotatedPicture) throws -> Frame {
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: picture.file))
      defer { try? file.close() }
      return try decodePicture(descriptor: file.fileDescriptor)
    } catch {
      throw WorkflowError.input(path: picture.file, why: explanation(of: error))
    }
  }
}

/// Decoded pictures in memory, as many as fit; drawing a sample costs half as much with them.
private final class PyramidCache: Sendable {
  private struct State {
    var kept: [FramePyramid?]
    var bytes = 0
  }

  private let limit: Int
  private let state: Mutex<State>

  init(pictures: Int, limit: Int) {
    self.limit = limit
    state = Mutex(State(kept: [FramePyramid?](repeating: nil, count: pictures)))
  }

  func value(_ index: Int, _ make: () throws -> FramePyramid) rethrows -> FramePyramid {
    if let known = state.withLock({ $0.kept[index] }) { return known }
    let made = try make()
    state.withLock { state in
      guard state.kept[index] == nil, state.bytes + made.bytes <= limit else { return }
      state.kept[index] = made
      state.bytes += made.bytes
    }
    return made
  }
}

/// State of a training.
private struct FaceTrainingRun {
  /// One measurement on the validation part.
  struct Entry: Codable, Sendable {
    var step: Int
    var loss: Float
    var seconds: Double
    var comparison: DetectorComparison
  }

  private let options: TrainFacesOptions
  private let data: FaceTrainingData
  private let trainer: DataParallelTrainer
  private let schedule: LearningRateSchedule
  private let cache: PyramidCache
  private var average: WeightAverage
  private let logFile: LineLog<Entry>
  private(set) var log: [Entry]

  init(_ options: TrainFacesOptions, _ data: FaceTrainingData) throws {
    self.options = options
    self.data = data
    cache = PyramidCache(pictures: data.training.count, limit: options.cacheMiB << 20)
    var network = StandardFaceNetwork.network(Pair(options.side), seed: options.seed)
    if let from = options.from {
      for (name, tensor) in try SafetensorsFile(path: from).tensors
      where network.parameters[name]?.shape == tensor.shape {
        network.parameters[name] = tensor
      }
    }
    var settings = Adam.Settings()
    settings.weightDecay = options.weightDecay
    var state = OptimiserState()
    var averaged = network.parameters
    if options.resume {
      let checkpoint = try Checkpoint(try SafetensorsFile(path: options.checkpointPath))
      try CheckpointSettings.check(checkpoint.metadata, against: options.recorded)
      network.parameters = checkpoint.network.parameters
      state = checkpoint.optimiser
      averaged = checkpoint.average ?? averaged
    } else {
      unlink(options.logPath)
    }
    logFile = try openLog(options.logPath)
    log = logFile.found
    average = WeightAverage(decay: options.average, startingFrom: averaged)
    trainer = try DataParallelTrainer(
      network, batch: options.batch, workers: options.workers, optimiser: Adam(settings, state: state),
      gradientNormLimit: 10, seed: options.seed)
    schedule = LearningRateSchedule(
      peak: options.learningRate, floor: options.learningRate / 100, warmUpSteps: min(500, options.steps / 10),
      totalSteps: options.steps)
  }

  var stepsDone: Int { trainer.stepsDone }
  var isComplete: Bool { stepsDone >= options.steps }

  mutating func run(_ interruption: Interruption, _ progress: ProgressLine) throws {
    var losses: [Float] = []
    var start = monotonicSeconds()
    while !isComplete, !interruption.isRequested {
      losses.append(try step())
      let mean = losses.suffix(100).reduce(0, +) / Float(min(losses.count, 100))
      let recall = log.last.map { String(format: ", recall %.4f", $0.comparison.recall) } ?? ""
      progress.set(done: stepsDone, note: String(format: "loss %.3f", mean) + recall)
      guard stepsDone.isMultiple(of: options.interval) || isComplete else { continue }
      let comparison = try validate()
      let entry = Entry(
        step: stepsDone, loss: losses.reduce(0, +) / Float(losses.count), seconds: monotonicSeconds() - start,
        comparison: comparison)
      log.append(entry)
      try logFile.record(entry)
      (losses, start) = ([], monotonicSeconds())
      try writeCheckpoint()
    }
    try writeCheckpoint()
  }

  /// One step; each sample is drawn by its own generator, whatever worker draws it.
  private mutating func step() throws -> Float {
    let step = trainer.stepsDone
    let sampler = FaceSampleDrawing(side: options.side)
    let targets = Mutex([FaceTargets?](repeating: nil, count: options.batch))
    let values = options.side * options.side * 3
    let (data, options, cache) = (data, options, cache)
    let result = try trainer.step(learningRate: schedule.rate(step: step)) { samples, input in
      for (slot, sample) in samples.enumerated() {
        var generator = SeededGenerator(seed: options.seed, path: [0xFACE, UInt64(step), UInt64(sample)])
        let drawn = try sampler.sample(from: data.training, using: &generator) { index in
          try cache.value(index) { FramePyramid(try FaceTrainingData.read(data.training[index])) }
        }
        FaceGridFormat.standard.input.write(
          drawn.frame, into: UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)]),
          width: options.side)
        let target = FaceTargets(drawn)
        targets.withLock { $0[sample] = target }
      }
    } loss: { samples, outputs in
      let own = targets.withLock { all in samples.compactMap { all[$0] } }
      // A worker's own count: to wait for the others' would cost a barrier within the step.
      let positives = own.reduce(0) { $0 + $1.positives }
      let normaliser = Float(max(positives, 1)) * Float(options.workers)
      return FaceLoss().value(outputs, own, normaliser: normaliser)
    }
    average.update(trainer.network.parameters, step: step)
    return result.loss
  }

  /// Whole validation pictures under the averaged weights.
  private func validate() throws -> DetectorComparison {
    let weights = average.tensors
    let pictures = data.validation
    let parts = try parallelMap(
      count: pictures.count, workers: options.workers,
      context: { _ in
        WholeSearch(
          try GridFaceDetector(name: "validation", format: .standard) { size in
            try StandardFaceNetwork.network(size, weights: weights, name: "validation")
          })
      }
    ) { box, index in
      let picture = pictures[index]
      let frame = try FaceTrainingData.read(picture)
      var comparison = DetectorComparison()
      comparison.add(found: try box.searchWhole(frame), annotations: picture.faces)
      return comparison
    }
    return parts.reduce(into: DetectorComparison()) { $0.add($1) }
  }

  private func writeCheckpoint() throws {
    let checkpoint = Checkpoint(
      network: trainer.network, optimiser: trainer.optimiser.state, average: average.tensors,
      metadata: try CheckpointSettings.metadata(options.recorded))
    try checkpoint.file().write(to: options.checkpointPath)
  }

  func writeWeights(to path: String) throws {
    let card = ["card": ["settings": options.recorded]]
    try SafetensorsFile(
      tensors: average.tensors, metadata: ["face-detector": try JSONEncoder.sorted.text(card)]
    ).write(to: path)
  }

  static func table(_ log: [Entry]) -> String {
    alignedTable(
      heading: ["step", "loss", "recall", "false/1000", "IoU", "landmarks", "s"],
      rows: log.suffix(12).map { entry in
        let comparison = entry.comparison
        return [
          "\(entry.step)", String(format: "%.3f", entry.loss), String(format: "%.4f", comparison.recall),
          String(format: "%.1f", comparison.extraPerThousand),
          comparison.meanOverlap.map { String(format: "%.3f", $0) } ?? "-",
          comparison.landmarkError.map { String(format: "%.3f", $0) } ?? "-", String(format: "%.0f", entry.seconds),
        ]
      })
  }
}
