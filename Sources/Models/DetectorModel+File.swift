import Compute
import Files
public import Foundation
import Imaging
public import NeuralNet
import Safetensors
import Verdicts

/// A model file is safetensors: the tensors under their names, the graph as JSON under `network`, all other settings
/// as JSON under `assay`.
extension DetectorModel {
  private struct Document: Codable {
    var version: Int
    var name: String
    /// Absent from files of models without a version.
    var modelVersion: String?
    var preprocessing: Preprocessing
    var cropSettings: FaceCropSettings
    var calibration: Calibration
    var thresholds: Thresholds
    var card: ModelCard
    var golden: Golden

    private enum CodingKeys: String, CodingKey {
      case version, name, modelVersion, preprocessing, calibration, thresholds, card, golden
      case cropSettings = "cropContract"
    }
  }

  private static let formatVersion = 1
  /// Key of the description in the metadata of model files, of safetensors and of ONNX.
  public static let documentKey = "assay"
  private static let networkKey = "network"

  /// The file's bytes; equal models give identical bytes.
  ///
  /// - Throws: `ModelsError.badFile` when one of its numbers is not finite.
  public func encoded() throws(ModelsError) -> Data {
    do {
      let metadata = [Self.documentKey: try description(), Self.networkKey: try network.graphText()]
      return SafetensorsFile(tensors: network.parameters, metadata: metadata).encoded()
    } catch {
      throw .badFile("the model cannot be written: \(explanation(of: error))")
    }
  }

  /// Everything but the network, as JSON: preprocessing, face-crop settings, calibration, thresholds, card and golden
  /// output.
  public func description() throws -> String {
    try JSONEncoder.sorted.text(
      Document(
        version: Self.formatVersion, name: name, modelVersion: version, preprocessing: preprocessing,
        cropSettings: cropSettings, calibration: calibration, thresholds: thresholds, card: card, golden: golden))
  }

  /// Parses an untrusted file's bytes.
  ///
  /// - Throws: `ModelsError` that describes the defect.
  public init(fileBytes: Data) throws(ModelsError) {
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(fileBytes)
    } catch {
      throw .badFile(error.description)
    }
    guard let text = file.metadata[Self.documentKey], let graph = file.metadata[Self.networkKey] else {
      throw .badFile("it is a safetensors file, but not an Assay model")
    }
    let network: Network
    do {
      network = try Network(graphText: graph, parameters: file.tensors)
    } catch {
      throw .badFile(error.description)
    }
    try self.init(description: text, network: network)
  }

  /// - Parameter text: untrusted, as written by `description()`.
  /// - Throws: `ModelsError` that describes the defect; a network whose golden output differs is none.
  public init(description text: String, network: Network) throws(ModelsError) {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
    } catch {
      throw .badFile("its description cannot be read: \(explanation(of: error))")
    }
    guard document.version == Self.formatVersion else {
      throw .badFile("it has version \(document.version), this program reads version \(Self.formatVersion)")
    }
    self.init(
      name: document.name, version: document.modelVersion ?? "1", network: network,
      preprocessing: document.preprocessing, cropSettings: document.cropSettings, calibration: document.calibration,
      thresholds: document.thresholds, card: document.card, golden: document.golden)
    // Files of models that were trained before calibrations stated it.
    if calibration.isFitted, calibration.prevalence == nil {
      calibration.prevalence = document.card.settings["assumed-prevalence"].flatMap { Double($0) }
    }
    try checkNetwork()
    try checkSettings()
  }

  /// - Throws: `ModelsError.badFile` for invalid settings.
  private func checkSettings() throws(ModelsError) {
    guard preprocessing.mean.count == 3, preprocessing.standardDeviation.count == 3,
      preprocessing.standardDeviation.allSatisfy({ $0 > 0 && $0.isFinite }), preprocessing.mean.allSatisfy(\.isFinite)
    else { throw .badFile("its preprocessing is not valid for RGB") }
    guard calibration.scale > 0, calibration.scale.isFinite, calibration.offset.isFinite else {
      throw .badFile("its calibration \(calibration.scale), \(calibration.offset) is invalid")
    }
    guard calibration.prevalence.map({ $0 > 0 && $0 < 1 }) != false else {
      throw .badFile("the prevalence \(calibration.prevalence ?? 0) of its calibration is not between 0 and 1")
    }
    guard 0 <= thresholds.real, thresholds.real <= thresholds.fake, thresholds.fake <= 1 else {
      throw .badFile("its thresholds \(thresholds.real) and \(thresholds.fake) are not in order within 0…1")
    }
    guard (0...4).contains(cropSettings.framing.margin), (-1...1).contains(cropSettings.framing.offset) else {
      throw .badFile(
        "its crop margin \(cropSettings.framing.margin) or offset \(cropSettings.framing.offset) is out of range")
    }
    guard network.parameters.values.allSatisfy({ $0.withFloats { $0.allSatisfy(\.isFinite) } }) else {
      throw .badFile("its weights are not all finite")
    }
  }
}
