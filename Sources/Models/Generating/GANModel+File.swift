import Compute
import Files
public import Foundation
import Imaging
import NeuralNet
import Safetensors

/// A model file is safetensors: the tensors of both networks with the prefixes `generator.` and `discriminator.`, the
/// graphs as JSON under the same keys, and the other settings as JSON under `assay.gan`.
extension GANModel {
  private struct Document: Codable {
    var version: Int
    var name: String
    var cropSettings: FaceCropSettings
    var card: ModelCard
    var trainingGroups: [String]
    var findings: [String]
    var golden: DetectorModel.Golden

    private enum CodingKeys: String, CodingKey {
      case version, name, card, trainingGroups, findings, golden
      case cropSettings = "cropContract"
    }
  }

  private static let formatVersion = 1
  private static let documentKey = "assay.gan"
  private static let generatorKey = "generator"
  private static let discriminatorKey = "discriminator"

  /// The file's bytes; equal models give identical bytes.
  public func encoded() throws(ModelsError) -> Data {
    let document = Document(
      version: Self.formatVersion, name: name, cropSettings: cropSettings, card: card, trainingGroups: trainingGroups,
      findings: findings, golden: golden)
    do {
      var file = SafetensorsFile(metadata: [
        Self.documentKey: try JSONEncoder.sorted.text(document),
        Self.generatorKey: try generator.graphText(), Self.discriminatorKey: try discriminator.graphText(),
      ])
      for (key, network) in [(Self.generatorKey, generator), (Self.discriminatorKey, discriminator)] {
        for (name, tensor) in network.parameters { file.tensors["\(key).\(name)"] = tensor }
      }
      return file.encoded()
    } catch {
      throw .badFile("the model cannot be written: \(explanation(of: error))")
    }
  }

  /// Parses an untrusted file's bytes.
  ///
  /// - Throws: `ModelsError` that describes the defect.
  public init(fileBytes: Data) throws(ModelsError) {
    let file: SafetensorsFile
    do { file = try SafetensorsFile(fileBytes) } catch { throw .badFile(error.description) }
    guard let text = file.metadata[Self.documentKey] else {
      throw .badFile("it is a safetensors file, but not written by assay gan train")
    }
    let document: Document
    do { document = try JSONDecoder().decode(Document.self, from: Data(text.utf8)) } catch {
      throw .badFile("its description cannot be read: \(explanation(of: error))")
    }
    guard document.version == Self.formatVersion else {
      throw .badFile("it has version \(document.version), this program reads version \(Self.formatVersion)")
    }
    if let name = file.firstNotFinite { throw .badFile("the tensor '\(name)' is not finite") }
    self.init(
      name: document.name, generator: try Self.network(Self.generatorKey, in: file),
      discriminator: try Self.network(Self.discriminatorKey, in: file), cropSettings: document.cropSettings,
      card: document.card, trainingGroups: document.trainingGroups, findings: document.findings,
      golden: document.golden)
    try checkNetworks()
  }

  /// Writes a model file under a temporary name and renames it, so that a reader never sees a partial file.
  ///
  /// - Throws: `ModelsError` with the path and the problem.
  public func write(to path: String) throws(ModelsError) {
    try writeModelFile(encoded(), to: path)
  }

  private static func network(_ key: String, in file: SafetensorsFile) throws(ModelsError) -> Network {
    let prefix = key + "."
    var parameters: [String: Tensor] = [:]
    for (name, tensor) in file.tensors where name.hasPrefix(prefix) {
      parameters[String(name.dropFirst(prefix.count))] = tensor
    }
    do { return try Network(graphText: file.metadata[key] ?? "", parameters: parameters) } catch {
      throw .badFile("\(key): \(explanation(of: error))")
    }
  }
}
