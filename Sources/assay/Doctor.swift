import ArgumentParser
import Review
import Training

/// `assay doctor`: whether a scan works on this machine, and what protects it.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check whether scans work on this machine, and how the decoder processes are confined.",
    discussion: """
      Starts a decoder process as a scan does, lets it attempt to break out of its sandbox, and reports what was \
      denied. Exit codes: 0 scans work ('weak' lines name missing protection), 2 they do not.

      Example: assay doctor -o /srv/verdicts
      """)

  @Option(help: "Model file; without it the built-in model is checked.")
  var model: String?

  @Option(
    help: ArgumentHelp("Face detector to check: ONNX file of a YuNet, or weights of train-faces.", valueName: "file"))
  var detectorModel: String?

  @Option(
    name: [.short, .long],
    help: "Output folder to check, with its ledger: what the next scan would scan again, and why.")
  var output: String?

  @Flag(help: "Print everything as JSON.")
  var json = false

  func run() throws {
    var options = DoctorOptions()
    options.modelPath = model
    options.detectorModel = detectorModel
    options.output = output
    let report = examineMachine(options)
    print(json ? try report.json() : report.text, terminator: json ? "\n" : "")
    if !report.isUsable { throw ExitCode(2) }
  }
}
