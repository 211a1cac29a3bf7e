import ArgumentParser
import Foundation
import Workflows

/// `assay crops`: labelled videos or pictures to a crop set.
struct Crops: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Extract the face crops of labelled videos or pictures once, for training.",
    discussion: """
      Understands DFDC folders (metadata.json), FaceForensics++ and Celeb-DF trees, folders named real and fake, class folders of \
      ready-made crops (youtube, Deepfakes, …) and CSV lists of path,label,group. Run again with the same output \
      to add to the set or to go on after an interruption.
      """)

  @Argument(help: "Folders or CSV lists of labelled videos or pictures.")
  var inputs: [String]

  @Option(name: [.short, .long], help: "Folder of the crop set; made when it is missing.")
  var output: String

  @Option(help: "Frames to sample from each video.")
  var frames = 16

  @Option(help: "Where faces come from: detect, or whole-frame for footage that is already cropped.")
  var faces: FaceChoice = .detect

  @Flag(help: "Pictures are face crops already (a face's box and its margin): take them whole.")
  var picturesAreCrops = false

  @Option(help: "Face detector: hog needs no file; yunet finds more, faster, with --detector-model.")
  var detector: DetectorChoice = .hog

  @Option(help: ArgumentHelp("ONNX file of the face detector (YuNet).", valueName: "file"))
  var detectorModel: String?

  @Option(help: "Side of a crop in pixels.")
  var size = 256

  @Option(help: "Growth of a face's box before it is cut out: 0.3 is 30 %.")
  var margin = 0.3

  @Option(help: "Decoder processes at once; 0 means one per core.")
  var workers = 0

  @Flag(help: "Write augmentations.html: what training's augmentations do to some of the crops.")
  var showAugmentations = false

  @Flag(name: [.short, .long], help: "No progress on stderr.")
  var quiet = false

  @Option(help: ArgumentHelp("Take settings from pipelines/NAME.yaml or a YAML file.", valueName: "name"))
  var pipeline: String?

  func validate() throws {
    try detector.check(model: detectorModel)
    try require(frames, in: 1...1000, "--frames")
    try require(size, in: 32...1024, "--size")
    try require(margin, in: 0...2, "--margin")
    try require(workers, in: 0...256, "--workers")
  }

  func run() throws {
    var options = CropsOptions(inputs: inputs, output: output)
    options.frames = frames
    options.faces = faces.rawValue
    options.detector = detector.rawValue
    options.detectorModel = detectorModel
    options.picturesAreCrops = picturesAreCrops
    options.size = size
    options.margin = margin
    options.workers = workers == 0 ? ProcessInfo.processInfo.activeProcessorCount : workers
    options.showsAugmentations = showAugmentations
    options.quiet = quiet
    let summary = try extractCrops(options)
    print(summary.table)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }
}
