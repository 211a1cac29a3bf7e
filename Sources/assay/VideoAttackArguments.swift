import ArgumentParser
import RedTeam
import Scanning
import Scoring

/// The options of `assay attack VIDEO… --write DIR`.
struct VideoAttackArguments: ParsableArguments {
  @Option(
    name: .customLong("write"),
    help: ArgumentHelp("Attack videos instead, and write the adversarial videos to this folder.", valueName: "dir"))
  var folder: String?

  @Option(help: "Model file to attack; without it the built-in model.")
  var model: String?

  @Option(
    help: "Attack; for videos a white-box attack such as pgd, fgsm, apgd or pgd-l2 (default for videos: pgd).")
  var attack: String?

  @Option(help: "Budget of the attack on videos, over the face's pixels in the frame, such as 8/255.")
  var epsilon = "8/255"

  @Option(help: "Constant rate factor of libx264, from 0 (lossless) to 51.")
  var crf = 18

  @Option(help: "Preset of libx264.")
  var preset = "medium"

  @Flag(help: "Optimise over random compressions with the real codec, so that more of the attack survives.")
  var robustToCodec = false

  @Option(help: "Frames to sample in the scans before and after.")
  var frames = 16

  @OptionGroup
  var search: FaceArguments

  @Option(help: "Time limit of one pass over a video, in seconds.")
  var timeout = 3600

  static let presets = [
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
  ]

  func validate() throws {
    try require(crf, in: 0...51, "--crf")
    try require(frames, in: 1...1000, "--frames")
    try require(timeout, in: 1...86_400, "--timeout")
    _ = try Budget.number(epsilon, "--epsilon")
    guard Self.presets.contains(preset) else {
      throw ValidationError("--preset must be one of \(Self.presets.joined(separator: ", ")).")
    }
  }

  /// - Parameter inputs: videos or folders.
  func options(_ inputs: [String], folder: String, steps: Int?, seed: UInt64) throws -> VideoAttackOptions {
    var perturb = PerturbSettings(attack: attack ?? "pgd", epsilon: try Budget.number(epsilon, "--epsilon"))
    perturb.steps = steps
    perturb.seed = seed
    perturb.target = .video
    var options = VideoAttackOptions(inputs: inputs.map { Array($0.utf8) }, output: folder, perturb: perturb)
    options.modelPath = model
    options.robustToCodec = robustToCodec
    options.crf = crf
    options.preset = preset
    options.scan.frames = frames
    options.scan.faces = search.faces
    options.scan.detector = search.detector
    options.scan.detectorModel = search.detectorModel
    options.scan.timeoutSeconds = timeout
    return options
  }
}
