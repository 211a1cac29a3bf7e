import Imaging
package import Models
import NeuralNet
import Runs
import Scoring
import Verdicts

/// Settings of `assay model ensemble`.
package struct EnsembleOptions: Sendable {
  /// Model files or `builtin`, at least two.
  package var members: [String]
  package var output: String
  package var name = ""
  /// Limitations stated in the card; nil for those of the members.
  package var limits: String?

  package init(members: [String], output: String) {
    self.members = members
    self.output = output
  }
}

/// Combines several models into one and writes it.
///
/// The ensemble is uncalibrated: `assay evaluate --calibrate` fits its calibration and thresholds.
///
/// - Returns: a summary as text.
/// - Throws: `WorkflowError.settings` when the members differ in face-crop settings or preprocessing, `ModelsError`
///   when the file cannot be written.
package func makeEnsemble(_ options: EnsembleOptions) throws -> String {
  guard options.members.count >= 2 else { throw WorkflowError.usage("an ensemble needs at least two models") }
  let members = try options.members.map { try loadModel(at: $0).detector }
  let ensemble = try DetectorModel(ensemble: members, name: options.name, limits: options.limits)
  try ensemble.write(to: options.output)
  return
    "the mean of \(members.map(\.name).joined(separator: ", ")): \(ensemble.network.parameterCount) trained values\n"
    + "model: \(options.output)\nits scores are not calibrated: assay evaluate \(options.output) CROPS --calibrate "
    + "--split SPLIT"
}

extension DetectorModel {
  /// An ensemble whose logit is the mean of the members' calibrated logits; the ensemble itself is uncalibrated.
  ///
  /// Different networks make different mistakes, and their mean makes fewer (Lakshminarayanan et al. 2017). Calibration
  /// brings the members' logits to a common scale. Crops have the first member's size; members with another input size
  /// resize them.
  ///
  /// - Parameter limits: limitations stated in the card; nil for those of the first member.
  /// - Throws: `WorkflowError.settings` when the members differ in face-crop settings or preprocessing, `ModelsError`.
  package init(ensemble members: [DetectorModel], name: String, limits: String?) throws {
    let first = members[0]
    let size = first.cropSettings.size
    for member in members.dropFirst() {
      var settings = member.cropSettings
      settings.size = size
      guard member.preprocessing == first.preprocessing, settings == first.cropSettings else {
        throw WorkflowError.settings(
          "\(first.name) and \(member.name) have different preprocessing or face-crop settings and cannot form an ensemble"
        )
      }
    }
    let networks = members.map { member in
      member.network.taking(size: size)
        .calibrated(scale: Float(member.calibration.scale), offset: Float(member.calibration.offset))
    }
    try self.init(
      name: name, network: .ensemble(networks), preprocessing: first.preprocessing, cropSettings: first.cropSettings,
      card: ModelCard(
        trainingData: members.map { "\($0.name): \($0.card.trainingData)" }.joined(separator: "; "),
        settings: Dictionary(
          uniqueKeysWithValues: members.enumerated().flatMap { index, member in
            member.card.settings.map { ("member\(index + 1).\($0.key)", $0.value) }
          }),
        intendedUse: first.card.intendedUse, limits: limits ?? first.card.limits, licence: first.card.licence))
    card.sources = SourceExposure.merged(members.map(\.card.sources))
  }
}
