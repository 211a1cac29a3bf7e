import ArgumentParser
import Foundation
import Training

/// `assay model import`: makes a model file of an ONNX file, or of the weights of a known architecture.
struct ImportModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model file from an ONNX network, or from weights, for scans, attacks and fine-tuning.",
    discussion: """
      With --network, the file is safetensors with the weights of that architecture, named as printed by assay model \
      show; a last layer for other classes is initialised randomly. Otherwise it is ONNX: opsets 11 to 21, 32-bit floats. \
      A final sigmoid or softmax is removed. A file of assay model export states its settings, and its verdicts stay \
      the same; calibrate any other on labelled data afterwards: assay evaluate MODEL CROPS --calibrate.

      Example: assay model import detector.onnx --output-is two-class -o theirs.safetensors
      """)

  @Argument(help: "ONNX file, or safetensors with --network.")
  var file: String

  @Option(
    help: ArgumentHelp("Architecture of the weights, as listed by assay model list.", valueName: "name"))
  var network: String?

  @OptionGroup
  var written: ModelFileArguments

  @Option(help: "Side of the network's input in pixels. Default: as in the file; for weights 224.")
  var input: Int?

  @Option(
    help: """
      Per-channel mean of the normalisation on the [0, 1] scale, separated by commas. Default: as in the file, else \
      0.485,0.456,0.406.
      """)
  var mean: String?

  @Option(
    help: """
      Per-channel standard deviation of the normalisation, separated by commas. Default: as in the file, else \
      0.229,0.224,0.225.
      """)
  var std: String?

  @Option(help: "Meaning of the output: fake or real (one value that increases with it), or two-class (real, fake).")
  var outputIs: OutputMeaning = .fake

  @Option(
    help: "Crop margin: growth of the face box before cropping. Default: as in the file, else 0.3, which is 30 %.")
  var margin: Double?

  @Option(help: "Crop offset: downward shift, in sides of the face box. Default: as in the file, else 0.")
  var offset: Double?

  func validate() throws {
    if let input { try require(input, in: 16...2048, "--input") }
    if let margin { try require(margin, in: 0...2, "--margin") }
    if let offset { try require(offset, in: -1...1, "--offset") }
    _ = try numbers(mean, "--mean")
    if let std, try numbers(std, "--std")?.allSatisfy({ $0 > 0 }) == false {
      throw ValidationError("--std needs numbers above 0, not \(std).")
    }
  }

  func run() throws {
    try requireInputs([file])
    var options = ImportOptions(input: file, output: written.output)
    options.architecture = network
    options.size = input
    options.mean = try numbers(mean, "--mean")
    options.standardDeviation = try numbers(std, "--std")
    options.meaning = outputIs
    (options.margin, options.offset) = (margin, offset)
    options.name = written.modelName
    print(try importModel(options))
  }

  private func numbers(_ text: String?, _ option: String) throws -> [Float]? {
    guard let text else { return nil }
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
    commandName: "export", abstract: "Write a model as ONNX, with its settings in metadata_props.",
    discussion: "Example: assay model export mine.safetensors -o mine.onnx")

  @Argument(help: "Model file; without it the built-in model is exported.")
  var model: String?

  @Option(name: [.short, .long], help: "ONNX file to write.")
  var output: String

  func run() throws {
    try requireModels([model].compactMap(\.self))
    print(try exportModel(at: model, to: output))
  }
}

/// `assay model average`.
struct AverageModels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "average", abstract: "Average the weights of models of one network into one model.",
    discussion: """
      For models that were trained on from one another or from a common start: the average costs as much as one of them \
      and is often better than each. Calibrate it afterwards: assay evaluate MODEL CROPS --calibrate --split SPLIT.

      Example: assay model average standard tuned.safetensors -o both.safetensors
      """)

  @Argument(help: ArgumentHelp("Model files or built-in models, two or more.", valueName: "model"))
  var models: [String]

  @OptionGroup
  var written: ModelFileArguments

  @Option(help: ArgumentHelp("Weight of each model, separated by commas (default: equal).", valueName: "numbers"))
  var weights: String?

  func run() throws {
    try requireModels(models)
    var options = AverageOptions(members: models, output: written.output)
    options.name = written.modelName
    if let weights {
      options.weights = try weights.split(separator: ",", omittingEmptySubsequences: false).map { text in
        guard let weight = Double(text) else {
          throw ValidationError("--weights needs numbers separated by commas, not \(weights).")
        }
        return weight
      }
    }
    print(try averageModels(options))
  }
}

/// `assay model ensemble`: combines several models into one.
struct EnsembleModels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensemble", abstract: "Combine several models into one that averages their logits.",
    discussion: """
      Averages the calibrated logits. Members with another input size than the first one resize their crops. \
      Calibrate it on labelled data afterwards: assay evaluate MODEL CROPS --calibrate --split SPLIT.

      Example: assay model ensemble one.safetensors two.safetensors -o both.safetensors
      """)

  @Argument(help: ArgumentHelp("Model files, two or more.", valueName: "model"))
  var models: [String]

  @OptionGroup
  var written: ModelFileArguments

  @Option(help: "Known limits of the model, for its card.")
  var limits: String?

  func run() throws {
    try requireModels(models)
    var options = EnsembleOptions(members: models, output: written.output)
    options.name = written.modelName
    options.limits = limits
    print(try makeEnsemble(options))
  }
}
