import Compute
import Files
import Foundation
import Imaging
import Models
import NeuralNet
import Runs
import Scoring
import Verdicts

/// Shows a model's card: purpose, training data, evaluation, limits and layers.
///
/// - Parameter path: a model file; nil describes the built-in model.
/// - Throws: `WorkflowError.model`.
func describeModel(at path: String?, asJSON: Bool) throws -> String {
  let loaded = try loadModel(at: path)
  let model = loaded.detector
  let layers = try NetworkTable(model.network)
  if asJSON { return try readableJSON(ModelDescription(loaded, layers)) }
  let settings = model.cropSettings
  let card = alignedTable(
    heading: ["MODEL", model.name],
    rows: [
      ["file", loaded.path], ["SHA-256", loaded.sha256],
      [
        "crops",
        "\(settings.size)×\(settings.size), \(settings.detector), margin \(settings.framing.margin), offset \(settings.framing.offset), \(settings.filter)",
      ],
      ["score", "sigmoid(\(model.calibration.formula))"],
      ["", ModelCardRecord(model.calibration, limits: "").scoreLine], ["thresholds", model.thresholds.line],
      ["trained on", model.card.trainingData], ["settings", RecordedSettings.options(model.card.settings)],
      ["validation", model.card.validation.map(\.text).joined(separator: ", ")],
      ["test", model.card.test.map { $0.map(\.text).joined(separator: ", ") } ?? "not evaluated, or not recorded"],
      ["meant for", model.card.intendedUse], ["limits", model.card.limits],
      ["licence", model.card.licence],
    ])
  return card + "\n" + layers.text
}

/// The figures of a model's card as Markdown, for documents.
///
/// - Parameter path: a model file; nil for the standard built-in model.
/// - Throws: `WorkflowError.model`.
package func modelFigures(at path: String?) throws -> String {
  let loaded = try loadModel(at: path)
  let card = loaded.detector.card
  let size = loaded.detector.cropSettings.size
  func table(_ title: String, _ figures: [ModelCard.Figure]) -> String {
    let rows = figures.map { figure in
      func text(_ value: Double) -> String { String(format: "%.3f", value) }
      let interval = figure.low.flatMap { low in figure.high.map { "\(text(low)) – \(text($0))" } } ?? ""
      return "| \(figure.name) | \(text(figure.value)) | \(interval) |\n"
    }
    return "\(title):\n\n| Figure | Value | 95 % interval |\n|---|---|---|\n" + rows.joined()
  }
  let name = "`\(loaded.detector.name)` (\(size)×\(size), SHA-256 \(loaded.sha256.prefix(12)))"
  guard let test = card.test else { return table("\(name), validation part", card.validation) }
  return table("\(name), test part" + (card.testDate.map { ", measured on \($0)" } ?? ""), test)
}

extension ModelCard.Figure {
  /// With the interval, if any.
  fileprivate var text: String {
    guard let low, let high else { return String(format: "%@ %.3f", name, value) }
    return String(format: "%@ %.3f (%.3f-%.3f)", name, value, low, high)
  }
}

/// Contents of a model file, for JSON output.
private struct ModelDescription: Codable {
  var name: String
  var version: String
  var file: String
  var sha256: String
  var preprocessing: Preprocessing
  var cropSettings: FaceCropSettings
  var calibration: Calibration
  var thresholds: Thresholds
  var card: ModelCard
  var network: NetworkTable

  private enum CodingKeys: String, CodingKey {
    case name, version, file, sha256, preprocessing, calibration, thresholds, card, network
    case cropSettings = "cropContract"
  }

  init(_ loaded: LoadedModel, _ network: NetworkTable) {
    let model = loaded.detector
    name = model.name
    version = model.version
    file = loaded.path
    sha256 = loaded.sha256
    preprocessing = model.preprocessing
    cropSettings = model.cropSettings
    calibration = model.calibration
    thresholds = model.thresholds
    card = model.card
    self.network = network
  }
}
