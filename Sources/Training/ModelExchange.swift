import Compute
import Datasets
import Decoder
import Faces
import Foundation
import Imaging
import Models
import NeuralNet
import ONNX
import Runs
import Safetensors
import Scoring
import Verdicts

/// Meaning of an imported network's output.
package enum OutputMeaning: String, Sendable, CaseIterable {
  /// One value that increases with "fake", a logit or a probability.
  case fake
  /// One value that increases with "real".
  case real
  /// Two values: real and fake.
  case twoClass = "two-class"
}

/// Settings of `assay model import`.
package struct ImportOptions: Sendable {
  /// Architecture of the weights in the input, as parsed by `NetworkName`; nil for an ONNX file.
  package var architecture: String?
  package var input: String
  package var output: String
  /// Side of the crops in pixels; this and the four below: nil for what the file states, else for the usual value.
  package var size: Int?
  package var mean: [Float]?
  package var standardDeviation: [Float]?
  package var margin: Double?
  package var offset: Double?
  package var meaning = OutputMeaning.fake
  package var name = ""

  package init(input: String, output: String) {
    self.input = input
    self.output = output
  }

  static let usualSize = 224

  /// As given, else ImageNet's.
  var preprocessing: Preprocessing {
    Preprocessing(
      mean: mean ?? [0.485, 0.456, 0.406], standardDeviation: standardDeviation ?? [0.229, 0.224, 0.225])
  }

  var framing: FaceFraming { FaceFraming(margin: margin ?? 0.3, offset: offset ?? 0) }
}

/// Makes a model file, as scans, attacks and fine-tuning take it, of an ONNX file or of an architecture's weights.
///
/// A file of `exportModel` states preprocessing, face-crop settings, calibration, thresholds and card, so that the model
/// gives the same verdicts as the exported one.
///
/// - Returns: what was imported, for people.
/// - Throws: `ONNXError` when the file cannot be read, `WorkflowError` when it uses operators that are not supported (it
///   lists them), the network is not a classifier of crops or the weights do not fit, `ModelsError` when the file cannot be written.
package func importModel(_ options: ImportOptions) throws -> String {
  if let architecture = options.architecture { return try importWeights(options, of: architecture) }
  let imported = try read(options)
  let network = try LogitNetwork(imported.network, options.meaning, path: options.input).network
  let size = options.size ?? network.inputShape.extents.last ?? 0
  guard network.inputShape == [3, size, size] else {
    throw WorkflowError.input(
      path: options.input,
      why: "it takes \(network.inputShape), not RGB crops of \(size)×\(size): set --input to its size"
    )
  }
  let (model, note) = try model(network, imported, options)
  try model.write(to: options.output)
  return "\(network.nodes.count) layers, \(network.parameterCount) trained values (opset \(imported.opset))\n"
    + "model: \(options.output)\n\(note)"
}

/// The model of an imported network, with a note on its calibration.
private func model(
  _ network: Network, _ imported: ImportedNetwork, _ options: ImportOptions
) throws -> (model: DetectorModel, note: String) {
  let uncalibrated = "it is not calibrated: assay evaluate \(options.output) CROPS --calibrate"
  guard let text = imported.metadata[DetectorModel.documentKey] else {
    let origin = "\(URL(filePath: options.input).lastPathComponent) (opset \(imported.opset), \(imported.producer))"
    let model = try DetectorModel(
      name: options.name, network: network, preprocessing: options.preprocessing,
      cropSettings: FaceCropSettings(
        detector: try FaceDetectorChoice.usual.checkedName(), framing: options.framing, size: network.inputShape[1]),
      card: ModelCard(
        trainingData: "unknown: imported from \(origin)", intendedUse: "As its maker intends.",
        limits: "Not evaluated or calibrated: its scores are the sigmoid of its logits, its thresholds 0.5.",
        licence: "As its maker says."))
    return (model, uncalibrated)
  }
  let stated: DetectorModel
  do { stated = try DetectorModel(description: text, network: network) } catch {
    throw WorkflowError.input(
      path: options.input, why: "the settings of assay in its metadata_props cannot be used: \(error.description)")
  }
  var (preprocessing, crops) = (stated.preprocessing, stated.cropSettings)
  preprocessing.mean = options.mean ?? preprocessing.mean
  preprocessing.standardDeviation = options.standardDeviation ?? preprocessing.standardDeviation
  crops.framing.margin = options.margin ?? crops.framing.margin
  crops.framing.offset = options.offset ?? crops.framing.offset
  let isSame = preprocessing == stated.preprocessing && crops == stated.cropSettings
  // Another program may have trained the network on.
  let isTrue = (try? stated.verifyGoldenOutput()) != nil
  let fits = isSame && isTrue && stated.calibration.isFitted
  let model = try DetectorModel(
    name: options.name, version: stated.version, network: network, preprocessing: preprocessing, cropSettings: crops,
    calibration: fits ? stated.calibration : .identity, thresholds: fits ? stated.thresholds : .even, card: stated.card)
  if fits { return (model, "calibration, thresholds, preprocessing and face-crop settings are those in the file") }
  let reason =
    !isTrue
    ? "its network is not the one that the calibration in the file was fitted to; "
    : isSame ? "" : "the calibration in the file was fitted with other settings; "
  return (model, reason + uncalibrated)
}

/// - Throws: `ONNXError.file` or `WorkflowError.input`: both name the file.
private func read(_ options: ImportOptions) throws -> ImportedNetwork {
  do { return try ONNXFile.read(path: options.input, inputSize: options.size.map { Pair($0) }) } catch {
    if case .file = error { throw error }
    throw WorkflowError.input(path: options.input, why: "\(error)")
  }
}

/// Creates a model file from a safetensors file that holds an architecture's tensors by name.
///
/// The last layer keeps its initial weights if the shapes in the file differ, as for a network with many classes; such
/// a model is a base for training.
private func importWeights(_ options: ImportOptions, of architecture: String) throws -> String {
  var design = try NetworkName(architecture).design()
  let size = options.size ?? ImportOptions.usualSize
  design.inputSize = size
  var network = design.network(seed: 1)
  let file = try SafetensorsFile(path: options.input)
  let head = Set(network.nodes.last.map { Array($0.parameters.values) } ?? [])
  var fresh: [String] = []
  for (name, own) in network.parameters.sorted(by: { $0.key < $1.key }) {
    if let tensor = file.tensors[name], tensor.shape == own.shape {
      network.parameters[name] = tensor
    } else if head.contains(name) {
      fresh.append(name)
    } else {
      let found = file.tensors[name].map { "has the shape \($0.shape)" } ?? "is missing"
      throw WorkflowError.input(
        path: options.input, why: "the tensor '\(name)' \(found); \(architecture) needs \(own.shape)")
    }
  }
  let fileName = URL(filePath: options.input).lastPathComponent
  var model = try DetectorModel(
    name: options.name, network: network, preprocessing: options.preprocessing,
    cropSettings: FaceCropSettings(
      detector: try FaceDetectorChoice.usual.checkedName(), framing: options.framing, size: size),
    card: ModelCard(
      trainingData: file.metadata["origin"] ?? "unknown: weights imported from \(fileName)",
      settings: ["network": architecture],
      intendedUse: fresh.isEmpty ? "As its maker intends." : "A base for fine-tuning: its last layer is not trained.",
      limits: "Not evaluated or calibrated.", licence: file.metadata["licence"] ?? "As its maker says."))
  if let sources = file.metadata["sources"] {
    model.card.sources = Dictionary(
      sources.split(separator: ",").map { (String($0), Part.train.rawValue) }, uniquingKeysWith: { first, _ in first })
  }
  try model.write(to: options.output)
  return "\(network.nodes.count) layers, \(network.parameterCount) trained values"
    + (fresh.isEmpty ? "" : "; drawn at random: \(fresh.joined(separator: ", "))") + "\nmodel: \(options.output)"
}

/// Exports a model as ONNX, with everything but the network in `metadata_props`.
///
/// - Parameter path: a model file; nil for the built-in one.
/// - Returns: notes for users of the file.
package func exportModel(at path: String?, to output: String) throws -> String {
  let model = try loadModel(at: path).detector
  try ONNXFile.write(
    model.network, metadata: [DetectorModel.documentKey: try model.description()], to: output)
  let preprocessing = model.preprocessing
  return """
    wrote \(output)
    input: [N, \(model.network.inputShape.extents.map(String.init).joined(separator: ", "))], \
    (RGB / 255 - \(preprocessing.mean)) / \(preprocessing.standardDeviation)
    output: a logit; P(fake) = sigmoid(\(model.calibration.formula))
    thresholds: \(model.thresholds.line)
    these and the face-crop settings are in its metadata_props, under "\(DetectorModel.documentKey)"
    """
}

/// A network whose only output is one logit for "fake".
private struct LogitNetwork {
  var network: Network

  init(_ imported: Network, _ meaning: OutputMeaning, path: String) throws {
    network = imported
    guard network.outputs.count == 1 else {
      throw WorkflowError.input(
        path: path, why: "it has the outputs \(network.outputs): export it with one, the answer for a crop")
    }
    let shape = try network.shapes(batch: 1)[network.outputs[0]] ?? []
    let wanted = meaning == .twoClass ? 2 : 1
    guard shape.count == wanted else {
      throw WorkflowError.input(
        path: path, why: "it gives \(shape) for one crop, where --output-is \(meaning.rawValue) takes \(wanted) numbers"
      )
    }
    removeSquashing()
    if shape.rank != 2 { append("flat", .flatten(axis: 1), [:]) }
    switch meaning {
    case .fake: break
    case .real: append("fake logit", .linear, ["weight": Tensor([1, 1], [-1])])
    case .twoClass: append("fake logit", .linear, ["weight": Tensor([1, 2], [-1, 1])])
    }
  }

  /// Removes a final sigmoid or softmax, to expose the logit before it.
  private mutating func removeSquashing() {
    guard let last = network.nodes.lastIndex(where: { $0.output == network.outputs[0] }) else { return }
    switch network.nodes[last].operation {
    case .activation(.sigmoid), .softmax:
      network.outputs = [network.nodes[last].inputs[0]]
      network.nodes.remove(at: last)
    default: break
    }
  }

  private mutating func append(_ name: String, _ operation: Operator, _ tensors: [String: Tensor]) {
    var node = Node(name, operation, inputs: [network.outputs[0]])
    for (role, tensor) in tensors {
      node.parameters[role] = "\(name).\(role)"
      network.parameters["\(name).\(role)"] = tensor
    }
    network.nodes.append(node)
    network.outputs = [node.output]
  }
}
