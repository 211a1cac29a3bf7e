import ArgumentParser
import Files
import Foundation
import Media
import Runs
import Scanning
import Scoring

/// `assay calibrate`: fits thresholds to a site's own real videos.
struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fit a scan's thresholds to real videos of your own.",
    discussion: """
      Scans the videos, all of which must be real, and chooses the thresholds by split conformal prediction: a further \
      real video like these is called fake with a probability of at most the false positive rate. A rate of 0.01 needs \
      99 videos, one of 0.001 needs 999. Take videos as the scans will meet them, of many people and cameras, one of each \
      recording. An interrupted calibration continues with the same command.
      Example: assay calibrate real-videos/ -o site.json, then assay scan uploads/ --calibration site.json
      """)

  @Argument(help: "Real videos, or folders of them.")
  var inputs: [String]

  @Option(help: "Highest fraction of real videos to be called fake.")
  var falsePositiveRate = 0.01

  @Option(help: "Highest fraction of real videos to be called fake or undecided.")
  var flagRate = 0.1

  @Option(name: [.short, .long], help: "File of the site calibration.")
  var output: String

  @Option(help: "Folder for the manifests of the scan (default: the output file's name with .scan).")
  var scan: String?

  @Option(help: "Frames to sample from each video, as in the scans to come.")
  var frames = 16

  @Option(help: "How to decode: exact, or the approximate fast (no loop filter) or keyframes.")
  var decode: DecodeMode = .exact

  @OptionGroup
  var search: FaceArguments

  @Option(help: "Model file, or a built-in model: standard (the default), paper, hardened.")
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Input-transformation defence of the scans to come: \(DefenceName.help).", valueName: "defence"),
    transform: defenceArgument)
  var defence: DefenceName?

  @OptionGroup
  var decoders: DecoderArguments

  @Flag(help: "Print the site calibration as JSON.")
  var json = false

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    try require(falsePositiveRate, in: 0.0001...0.5, "--false-positive-rate")
    try require(flagRate, in: 0.0001...0.9, "--flag-rate")
    guard falsePositiveRate <= flagRate else {
      throw ValidationError("--flag-rate counts videos called fake too: it must not be below --false-positive-rate.")
    }
    try require(frames, in: 1...1000, "--frames")
  }

  func run() throws {
    try requireInputs(inputs)
    var settings = ScanSettings()
    settings.frames = frames
    settings.decode = decode
    settings.faces = search.faces
    settings.detector = search.detector
    settings.detectorModel = search.detectorModel
    settings.defence = defence
    var options = ScanOptions()
    options.inputs = inputs.map { Array($0.utf8) }
    options.output = scan ?? output + ".scan"
    options.modelPath = model
    options.workers = decoders.processes
    options.quiet = common.quiet
    let summary = try calibrateSite(
      settings, options, falsePositiveRate: falsePositiveRate, flagRate: flagRate, output: output)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
    if json { print(try readableJSON(summary.calibration)) } else if !common.quiet { print(summary.table) }
  }
}
