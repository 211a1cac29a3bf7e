import Foundation
package import Models
import NeuralNet
import Runs

/// A model that comes with the program, as `assay model list` shows it.
package struct BuiltInModel: Codable {
  package var name: String
  /// What is wrong with the file, where it cannot be read; the rest is missing then.
  package var problem: String?
  package var version: String?
  package var inputSize: Int?
  package var parameters: Int?
  /// On the validation part, on which the model was chosen.
  package var validation: [ModelCard.Figure]?
  /// How its training perturbed crops, where it did.
  package var adversarial: String?

  package init(_ name: String) {
    self.name = name
    do {
      let model = try DetectorModel.load(from: DetectorModel.builtInPath(name))
      version = model.version
      inputSize = model.cropContract.size
      parameters = model.network.parameterCount
      validation = model.card.validation
      if let method = model.card.settings["adversarial"] {
        adversarial = "\(method), ε \(model.card.settings["epsilon"] ?? "?")"
      }
    } catch {
      problem = error.description
    }
  }

  package static func all() -> [BuiltInModel] { DetectorModel.builtInNames.map(BuiltInModel.init) }

  package static func table(_ models: [BuiltInModel]) -> String {
    alignedTable(
      heading: ["BUILT-IN MODEL", "VERSION", "INPUT", "PARAMETERS", ""],
      rows: models.map { model in
        let figures = model.validation?.map { String(format: "%@ %.3f", $0.name, $0.value) }.joined(separator: ", ")
        return [
          model.name, model.version ?? "-", model.inputSize.map(String.init) ?? "-",
          model.parameters.map(String.init) ?? "-",
          model.problem ?? "validation: " + (figures ?? "")
            + (model.adversarial.map { "; trained on crops perturbed by \($0)" } ?? ""),
        ]
      })
  }
}
