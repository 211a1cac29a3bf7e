import Foundation
import Imaging
package import Models
import NeuralNet
import Runs

/// A model that comes with the program, as listed by `assay model list`.
package struct BuiltInModel: Codable {
  package var name: String
  /// Why the file cannot be read, if so; all other fields are nil then.
  package var problem: String?
  package var version: String?
  package var inputSize: Int?
  package var parameters: Int?
  /// Metrics on the validation part, on which the model was selected.
  package var validation: [ModelCard.Figure]?
  /// Adversarial training method, if any.
  package var adversarial: String?

  package init(_ name: String) {
    self.name = name
    do {
      let model = try DetectorModel.load(from: DetectorModel.builtInPath(name))
      version = model.version
      inputSize = model.cropSettings.size
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
