import Attacks
import Files
import Foundation
import Models
package import Runs

/// Threshold of the disagreement above which a model's input is flagged as perturbed; written by
/// `assay attack --detect-perturbed` and read by `assay scan --detect-perturbed`.
package struct PerturbedFlag: Sendable, Codable {
  package var model: String
  package var modelSHA256: String
  /// Input-transformation defence of the model, if any.
  package var defence: String?
  /// Names of the small changes.
  package var changes: [String]
  package var threshold: Double
  /// Fraction of unperturbed videos and pictures that the threshold may flag, and number of those it was fitted on.
  package var falseAlarmRate: Double
  package var fitted: Int

  package init(
    model: String,
    modelSHA256: String,
    defence: String? = nil,
    changes: [String],
    threshold: Double,
    falseAlarmRate: Double,
    fitted: Int
  ) {
    self.model = model
    self.modelSHA256 = modelSHA256
    self.defence = defence
    self.changes = changes
    self.threshold = threshold
    self.falseAlarmRate = falseAlarmRate
    self.fitted = fitted
  }

  /// Conformal threshold that at most a fraction `rate` of further measurements of the same kind exceeds, on average:
  /// the ⌈(n + 1)(1 - rate)⌉-th smallest (Vovk, Gammerman and Shafer 2005); nil if there are too few.
  package static func threshold(of clean: [Double], rate: Double) -> Double? {
    let rank = Int((Double(clean.count + 1) * (1 - rate)).rounded(.up))
    guard rank <= clean.count, rank > 0 else { return nil }
    return clean.sorted()[rank - 1]
  }

  /// Median of the disagreements of a video's faces; nil without faces.
  package static func statistic(_ disagreements: [Double]) -> Double? {
    guard !disagreements.isEmpty else { return nil }
    let sorted = disagreements.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// - Throws: `WorkflowError.input` for a file that is not a flag or belongs to another model.
  package static func read(_ path: String, for model: AttackModel) throws(WorkflowError) -> PerturbedFlag {
    let flag: PerturbedFlag
    do {
      flag = try JSONDecoder().decode(PerturbedFlag.self, from: Data(contentsOf: URL(filePath: path)))
    } catch {
      throw .input(
        path: path, why: "not a file written by assay attack --detect-perturbed RATE: \(explanation(of: error))"
      )
    }
    guard flag.modelSHA256 == model.loaded.sha256, flag.defence == model.defence?.name,
      flag.changes == DisagreementMeter.names
    else {
      throw .input(
        path: path,
        why:
          "it was fitted to \(flag.model) (\(flag.modelSHA256.prefix(12)))\(flag.defence.map { " behind \($0)" } ?? ""), "
          + "not to \(model.loaded.detector.name) (\(model.loaded.sha256.prefix(12))) as this scan uses it")
    }
    return flag
  }
}
