import ArgumentParser
import Imaging
import Training

extension PictureFraming: ExpressibleByArgument {}

/// `assay crops`: labelled videos or pictures to a crop set.
struct Crops: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Extract the face crops of labelled videos or pictures into a crop set, for training.",
    discussion: """
      Reads DFDC folders (metadata.json), FaceForensics++ and Celeb-DF trees, folders named real and fake, class folders \
      of ready-made crops (youtube, Deepfakes, …) and CSV lists of path,label,group. Run again with the same output to \
      add to the set or to resume after an interruption.

      Example: assay crops /data/ffpp /data/dfdc -o crops
      """)

  @Argument(help: "Folders or CSV lists of labelled videos or pictures.")
  var inputs: [String]

  @Option(name: [.short, .long], help: "Folder of the crop set; created if missing.")
  var output: String

  @Option(help: "Frames to sample from each video.")
  var frames = 16

  @OptionGroup
  var search: FaceArguments

  @Option(
    help: """
      Content of pictures: scenes in which to detect faces, crops that are framed like the set's (used as they are), or \
      recut for other ready-made crops, whose face is detected and cropped again as in a scan.
      """)
  var pictures: PictureFraming = .scenes

  @Option(
    help: "Side of a stored crop in pixels; each model takes its own crop from it. 304 suffices for every network.")
  var size = 304

  @Option(help: "Crop margin: growth of the face box before cropping; 0.3 is 30 %.")
  var margin = 0.3

  @Option(help: "Crop offset: downward shift, in sides of the face box.")
  var offset = 0.0

  @OptionGroup
  var decoders: DecoderArguments

  @Flag(help: "Write augmentations.html, which shows the training augmentations on some crops.")
  var showAugmentations = false

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    try require(frames, in: 1...1000, "--frames")
    try require(size, in: 32...1024, "--size")
    try require(margin, in: 0...2, "--margin")
    try require(offset, in: -1...1, "--offset")
  }

  func run() throws {
    try requireInputs(inputs)
    var options = CropsOptions(inputs: inputs, output: output)
    options.frames = frames
    options.faces = search.faces
    options.detector = search.detector
    options.detectorModel = search.detectorModel
    options.pictures = pictures
    options.size = size
    options.framing = FaceFraming(margin: margin, offset: offset)
    options.workers = decoders.processes
    options.showsAugmentations = showAugmentations
    options.quiet = common.quiet
    let summary = try extractCrops(options)
    print(summary.table)
    if let signal = summary.interruptedBy { throw ExitCode(128 + signal) }
  }
}
