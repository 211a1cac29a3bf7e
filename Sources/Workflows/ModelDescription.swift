import Compute
import Foundation
import Models
import NeuralNet

/// A model's card as text: what it is, what it saw, how it was measured, where it fails, and its layers.
///
/// - Parameter path: a model file; nil describes the built-in model.
/// - Throws: `WorkflowError.model`.
public func describeModel(at path: String?) throws -> String {
  let loaded = try loadModel(at: path)
  let model = loaded.detector
  let contract = model.cropContract
  let shapes = try model.network.shapes(batch: 1)
  let layers = model.network.nodes.map { node in
    let values = node.parameters.sorted { $0.key < $1.key }.compactMap { model.network.parameters[$0.value]?.count }
    return [
      node.name, node.operation.name, shapes[node.output].map { "\($0)" } ?? "", "\(values.reduce(0, +))",
    ]
  }
  let figures = model.card.validation.map { String(format: "%@ %.3f", $0.name, $0.value) }.joined(separator: ", ")
  let settings = model.card.settings.sorted { $0.key < $1.key }.map { "--\($0.key) \($0.value)" }
  let card = alignedTable(
    heading: ["MODEL", model.name],
    rows: [
      ["file", loaded.path], ["SHA-256", loaded.sha256], ["trained values", "\(model.network.parameterCount)"],
      [
        "crops",
        "\(contract.size)×\(contract.size), \(contract.detector), margin \(contract.margin), \(contract.filter)",
      ],
      ["score", "sigmoid(\(model.calibration.scale) · logit + \(model.calibration.offset))"],
      ["verdict", "real below \(model.thresholds.real), fake from \(model.thresholds.fake) on"],
      ["trained on", model.card.trainingData], ["settings", settings.joined(separator: " ")],
      ["validation", figures], ["meant for", model.card.intendedUse], ["limits", model.card.limits],
      ["licence", model.card.licence],
    ])
  return card + "\n" + alignedTable(heading: ["LAYER", "OPERATOR", "OUTPUT", "VALUES"], rows: layers)
}
