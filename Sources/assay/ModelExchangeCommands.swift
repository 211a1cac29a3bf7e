import ArgumentParser
import Foundation
import Imaging
import Training

/// `assay model import`: an ONNX file, or the weights of a known architecture, to a model file.
struct ImportModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model file of an ONNX network, or of weights, to scan with, attack and train on.",
    discussion: """
      With --network the file is safetensors and holds the weights of that architecture under the names that assay model \
      show prints; a last layer for other classes is drawn anew. Else it is ONNX: opsets 11 to 21, 32-bit floats. A sigmoid or softmax at the end is taken off. Calibrate the model on labelled data \
      afterwards: assay evaluate MODEL CROPS --calibrate.
      """)

  @Argument(help: "ONNX file, or safetensors with --network.")
  var file: String

  @Option(
    help: ArgumentHelp("Architecture whose weights the file holds, as assay model list shows it.", valueName: "name"))
  var network: String?

  @OptionGroup
  var written: ModelFileArguments

  @Option(help: "Side of the crops that the network takes, in pixels.")
  var input = 224

  @Option(help: "Mean of R, G and B that is taken off, on the scale 0 to 1, by commas.")
  var mean = "0.485,0.456,0.406"

  @Option(help: "What R, G and B are divided by then, by commas.")
  var std = "0.229,0.224,0.225"

  @Option(help: "What its output means: fake or real (one number that grows with it), two-class (real, fake).")
  var outputIs: OutputMeaning = .fake

  @Option(help: "Growth of a face's box before it is cut out: 0.3 is 30 %.")
  var margin = 0.3

  @Option(help: "Shift of the crop downwards, in sides of the face's box.")
  var offset = 0.0

  func validate() throws {
    try require(input, in: 16...2048, "--input")
    try require(margin, in: 0...2, "--margin")
    try require(offset, in: -1...1, "--offset")
    _ = try numbers(mean, "--mean")
    guard try numbers(std, "--std").allSatisfy({ $0 > 0 }) else {
      throw ValidationError("--std needs numbers above 0, not \(std).")
    }
  }

  func run() throws {
    try requireInputs([file])
    var options = ImportOptions(input: file, output: written.output)
    options.architecture = network
    options.size = input
    options.mean = try numbers(mean, "--mean")
    options.deviation = try numbers(std, "--std")
    options.meaning = outputIs
    options.framing = FaceFraming(margin: margin, offset: offset)
    options.name = written.modelName
    print(try importModel(options))
  }

  private func numbers(_ text: String, _ option: String) throws -> [Float] {
    let values = text.split(separator: ",").compactMap { Float($0.trimmingCharacters(in: .whitespaces)) }
    guard values.count == 3, values.allSatisfy(\.isFinite) else {
      throw ValidationError("\(option) needs three numbers such as 0.5,0.5,0.5, not \(text).")
    }
    return values
  }
}

/// `assay model export`: a model file to an ONNX file.
struct ExportModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a model's network as ONNX.")

  @Argument(help: "Model file; without it the built-in model is written.")
  var model: String?

  @Option(name: [.short, .long], help: "ONNX file to write.")
  var output: String

  func run() throws {
    try requireModels([model].compactMap(\.self))
    print(try exportModel(at: model, to: output))
  }
}

/// `assay model ensemble`: several models to one.
struct EnsembleModels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensemble", abstract: "Make one model of several, whose logit is the mean of theirs.",
    discussion: """
      The mean is that of the calibrated logits. Members that take crops of another size than the first one resize them. \
      Calibrate it on labelled data afterwards: assay evaluate MODEL CROPS --calibrate --split SPLIT.
      """)

  @Argument(help: ArgumentHelp("Model files, two or more.", valueName: "model"))
  var models: [String]

  @OptionGroup
  var written: ModelFileArguments

  @Option(help: "What the model cannot do, for its card.")
  var limits: String?

  func run() throws {
    try requireModels(models)
    var options = EnsembleOptions(members: models, output: written.output)
    options.name = written.modelName
    options.limits = limits
    print(try makeEnsemble(options))
  }
}
