import ArgumentParser
import Review
import Training

/// `assay doctor`: whether a scan works on this machine, and what protects it.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say whether a scan works on this machine, and what confines the processes that read videos.",
    discussion: """
      Starts a decoder process as a scan does, has it try to break out of its sandbox, and says what was refused. \
      Exit codes: 0 a scan works ('weak' lines say what is missing), 2 it does not.
      """)

  @Option(help: "Model file; without it the built-in model is looked at.")
  var model: String?

  @Option(help: ArgumentHelp("ONNX file of the face detector (YuNet).", valueName: "file"))
  var detectorModel: String?

  @Option(name: [.short, .long], help: "Folder that manifests are to go to.")
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
