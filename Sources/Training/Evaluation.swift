package import Datasets
import Files
package import Metrics
import Models
import Runs

/// Performance of a model on labelled data: per crop, and per video if the crops come from videos.
package struct Evaluation: Sendable, Codable {
  package let model: String
  package let modelSHA256: String
  /// The measured crops.
  package let part: PartSelection
  package let crops: DetectorPerformance
  /// Scored as in `assay scan`; nil without videos of both classes.
  package let videos: DetectorPerformance?

  /// The complete result as JSON.
  package func json() throws -> String {
    try readableJSON(self)
  }

  /// Metrics for the model card: AUC, and precision and recall at the lower threshold, per crop and per video, with
  /// sample sizes.
  var cardFigures: [ModelCard.Figure] {
    [crops, videos].compactMap { $0 }.flatMap { measured in
      let extent =
        "\(counted(measured.count, measured.unit)) (\(measured.fakes) fake) of "
        + counted(measured.sources, "sources")
      let whole = (measured.figures.filter { $0.name == "AUC" } + (measured.decisions.first?.figures ?? []))
        .filter { ["AUC", "precision", "recall"].contains($0.name) }
        .map {
          ModelCard.Figure(name: "\($0.name) of \(extent)", value: $0.value, low: $0.lower, high: $0.upper)
        }
      let parts = (measured.methods + measured.datasets).compactMap { part in
        part.auc.map {
          ModelCard.Figure(
            name: "AUC of \(part.name) (\(part.count) \(measured.unit))", value: $0, low: part.aucInterval?.lower,
            high: part.aucInterval?.upper)
        }
      }
      let flagged = measured.datasets.flatMap { part in
        [("fakes", part.recall), ("real \(measured.unit)", part.falsePositiveRate)].compactMap { what, fraction in
          fraction.map { ModelCard.Figure(name: "\(what) of \(part.name) called fake or undecided", value: $0) }
        }
      }
      return whole + parts + flagged
    }
  }

  /// The complete result as text.
  package var table: String {
    let parts = [crops, videos].compactMap { $0 }.map { measurement in
      measurement.heading + "\n\n"
        + measurement.tables.map { alignedTable(heading: $0.heading, rows: $0.rows) }.joined(separator: "\n")
    }
    return "model \(model), \(part == .all ? "all crops" : "\(part) part")\n\n" + parts.joined(separator: "\n")
  }
}
