import Files
import Foundation
import Models
import Runs
import Scoring

/// Lists the built-in models and the architectures known to `assay train --network` and `assay model show`, as tables
/// or JSON.
package func listNetworks(asJSON: Bool) throws -> String {
  struct Everything: Codable {
    var models: [BuiltInModel]
    var networks: [Listed]
  }
  struct Listed: Codable {
    var name: String
    var summary: String
    var inputSize: Int
    var parameters: Int
    var gflop: Double
  }
  let listed = try NetworkCatalog.all.map { entry in
    let table = try NetworkTable(entry.design.network(seed: 1))
    return Listed(
      name: entry.name, summary: entry.summary, inputSize: entry.design.inputSize, parameters: table.parameters,
      gflop: table.gflop)
  }
  let models = BuiltInModel.all()
  if asJSON { return try readableJSON(Everything(models: models, networks: listed)) }
  let networks = alignedTable(
    heading: ["NETWORK", "INPUT", "PARAMETERS", "GFLOP", ""],
    rows: listed.map {
      [$0.name, "\($0.inputSize)", "\($0.parameters)", String(format: "%.3f", $0.gflop), $0.summary]
    })
  let changes = alignedTable(
    heading: ["CHANGE", ""], rows: NetworkName.modifiers.map { [$0.name, $0.summary] })
  return BuiltInModel.table(models) + "\n" + networks + "\n" + changes
    + "\nModifiers follow the name after a +: paper-cnn+residual+width=2, resnet-18+ensemble=3."
}

/// Shows the layers of a catalogue architecture with one logit, or of a model file with its card.
///
/// - Parameters:
///   - nameOrPath: a catalogue name, a built-in model or a path, tried in this order; nil for the standard built-in
///     model.
///   - inputSize: input side in pixels; nil for the architecture's default. Model files have a fixed size.
/// - Throws: `WorkflowError`.
package func showNetwork(_ nameOrPath: String?, inputSize: Int?, asJSON: Bool) throws -> String {
  guard let name = nameOrPath, DetectorModel.builtInName(name) == nil, !FileManager.default.fileExists(atPath: name),
    !name.contains("/")
  else {
    guard inputSize == nil else {
      throw WorkflowError.usage("--size is for architectures; the network of a model file has its own input size")
    }
    return try describeModel(at: nameOrPath, asJSON: asJSON)
  }
  do {
    var design = try NetworkName(name).design()
    design.inputSize = inputSize ?? design.inputSize
    let table = try NetworkTable(design.network(seed: 1))
    return asJSON ? try readableJSON(table) : table.text
  } catch let error as ModelsError {
    throw WorkflowError.usage("\(error); a model file by this name does not exist either")
  }
}
