import ArgumentParser
import Faces
import Files
import Foundation
import Training

/// `assay label-faces`: pictures to a face set.
struct LabelFaces: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label-faces",
    abstract: "Label the faces of pictures and videos with other face detectors, for train-faces.",
    discussion: """
      Each teacher searches each picture at three scales, as it is and mirrored. Faces that most searches agree on are \
      trained on, the others are ignored. Run again with the same output to add to the set or to go on.
      Example: assay label-faces photos/ clips/ --teacher yunet_n.onnx --teacher yunet_s.onnx -o faces
      """)

  @Argument(help: "Folders and files; a .txt file lists paths, one a line.")
  var inputs: [String]

  @Option(help: ArgumentHelp("ONNX file of a YuNet; may be given several times.", valueName: "file"))
  var teacher: [String]

  @Option(name: [.short, .long], help: "Folder of the face set; made when it is missing.")
  var output: String

  @Option(help: "Frames to sample from each video.")
  var frames = 16

  @Option(help: "At most so many files of each input, evenly spread.")
  var limit: Int?

  @Option(help: "Longest side of the stored pictures in pixels.")
  var longestSide = 640

  @Option(help: "Pictures that are searched at the same time.")
  var workers = 2

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    try require(frames, in: 1...1000, "--frames")
    if let limit { try require(limit, in: 1...10_000_000, "--limit") }
    try require(longestSide, in: 64...4096, "--longest-side")
    try require(workers, in: 1...256, "--workers")
  }

  func run() throws {
    try requireInputs(inputs)
    var options = LabelFacesOptions(inputs: inputs, output: output, teachers: teacher)
    options.frames = frames
    options.limit = limit
    options.longestSide = longestSide
    options.workers = workers
    options.quiet = common.quiet
    let summary = try labelFaces(options)
    print(summary.table)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }
}

/// `assay train-faces`: face sets to the weights of a face detector.
struct TrainFaces: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-faces",
    abstract: "Train the face detector on face sets made by label-faces.",
    discussion: """
      Ctrl-C stops after the current step and leaves a checkpoint, from which the same command resumes. Use the weights with \
      --detector standard --detector-model FILE.
      Example: assay train-faces faces -o face-detector.safetensors
      """)

  @Argument(help: "Face sets.")
  var sets: [String]

  @Option(name: [.short, .long], help: "File of the weights.")
  var output: String

  @Option(help: ArgumentHelp("Weights to start from.", valueName: "file"))
  var from: String?

  @Option(help: "Optimiser steps.")
  var steps = 20_000

  @Option(help: "Steps between two measurements on the validation pictures.")
  var interval = 1000

  @Option(help: "Samples in one step.")
  var batch = 32

  @Option(help: "Side of a sample in pixels, a multiple of 32.")
  var side = 224

  @Option(help: "Peak learning rate.")
  var learningRate: Float = 0.002

  @Option(help: "Decoupled weight decay.")
  var weightDecay: Float = 0.02

  @Option(help: "Decay of the moving average of the weights.")
  var average: Float = 0.999

  @Option(help: "Fraction of the input files kept out for validation.")
  var validation = 0.04

  @Option(help: "Seed of the weights and samples.")
  var seed: UInt64 = 1

  @Option(help: "Memory for decoded pictures in MiB; the others are decoded each time.")
  var cache = 4096

  @OptionGroup
  var trainer: TrainerArguments

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    try require(steps, in: 1...10_000_000, "--steps")
    try require(interval, in: 1...10_000_000, "--interval")
    try require(batch, in: trainer.workers...4096, "--batch")
    try require(side, in: 64...640, "--side")
    guard side.isMultiple(of: 32) else { throw ValidationError("--side must be a multiple of 32, not \(side).") }
    try require(learningRate, in: 0...1, "--learning-rate")
    try require(weightDecay, in: 0...1, "--weight-decay")
    try require(average, in: 0...0.99999, "--average")
    try require(validation, in: 0.001...0.9, "--validation")
    try require(cache, in: 0...1_048_576, "--cache")
  }

  func run() throws {
    try requireInputs(sets)
    var options = TrainFacesOptions(sets: sets, output: output)
    options.from = from
    options.steps = steps
    options.interval = interval
    options.batch = batch
    options.side = side
    options.learningRate = learningRate
    options.weightDecay = weightDecay
    options.average = average
    options.validation = validation
    options.seed = seed
    options.cacheMiB = cache
    options.workers = trainer.workers
    options.resume = trainer.resume
    options.quiet = common.quiet
    if let done = try options.settle(trainer.overwrite ? .overwrite : .keep) { return print(done) }
    let summary = try trainFaces(options)
    print(summary.table)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }
}

/// `assay compare-faces`: two face detectors on face sets.
struct CompareFaces: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare-faces",
    abstract: "Compare two face detectors on face sets made by label-faces.",
    discussion: """
      Use inputs that no detector was trained on. Both search each picture whole, at the size at which a scan does.
      Example: assay compare-faces kept-out --against yunet_n.onnx -o differences
      """)

  @Argument(help: "Face sets.")
  var sets: [String]

  @Option(help: ArgumentHelp("Weights of the detector to measure (default: the built-in ones).", valueName: "file"))
  var detectorModel: String?

  @Option(help: ArgumentHelp("ONNX file of a YuNet, or weights of train-faces, to compare with.", valueName: "file"))
  var against: String

  @Option(name: [.short, .long], help: "Folder for a table and pictures of the faces that only one of them finds.")
  var output: String?

  @Option(help: "Score from which a detection counts, 0 to 1 (default: the detector's own).")
  var score: Float?

  @Option(help: "Pictures that are searched at the same time; times are comparable with 1 only.")
  var workers = 1

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    try require(workers, in: 1...256, "--workers")
    if let score { try require(score, in: 0.01...1, "--score") }
  }

  func run() throws {
    try requireInputs(sets)
    var options = CompareFacesOptions(
      sets: sets, detector: FaceDetectorChoice(.standard, modelPath: detectorModel),
      reference: FaceDetectorChoice(modelPath: against))
    options.output = output
    options.score = score
    options.workers = workers
    options.quiet = common.quiet
    let summary = try compareFaces(options)
    print(json ? try JSONEncoder.sorted.text(summary) : summary.table)
  }
}
