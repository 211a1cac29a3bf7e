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
  /// What the card says the model cannot do; nil takes the members' words.
  package var limits: String?

  package init(members: [String], output: String) {
    self.members = members
    self.output = output
  }
}

/// Makes one model of several and writes it.
///
/// Its calibration and thresholds are not known yet: `assay evaluate --calibrate` fits them.
///
/// - Returns: what was made, for people.
/// - Throws: `WorkflowError.settings` when the members do not take the same crops in the same way, `ModelsError`
///   when the file cannot be written.
package func makeEnsemble(_ options: EnsembleOptions) throws -> String {
  guard options.members.count >= 2 else { throw WorkflowError.settings("an ensemble needs two models or more") }
  let members = try options.members.map { try loadModel(at: $0).detector }
  let ensemble = try DetectorModel(ensemble: members, name: options.name, limits: options.limits)
  try ensemble.write(to: options.output)
  return
    "the mean of \(members.map(\.name).joined(separator: ", ")): \(ensemble.network.parameterCount) trained values\n"
    + "model: \(options.output)\nits scores are not calibrated: assay evaluate \(options.output) CROPS --calibrate "
    + "--split SPLIT"
}

extension DetectorModel {
  /// One model of several, whose logit is the mean of their calibrated ones, uncalibrated itself.
  ///
  /// What different networks look at makes their mistakes differ; the mean has fewer (Lakshminarayanan et al. 2017).
  /// Calibration brings logits of different networks onto one scale. The crops are the first member's; members that take
  /// another size resize them.
  ///
  /// - Parameter limits: what the card says the model cannot do; nil takes the first member's words.
  /// - Throws: `WorkflowError.settings` when the members do not take the same crops in the same way, `ModelsError`.
  package init(ensemble members: [DetectorModel], name: String, limits: String?) throws {
    let first = members[0]
    let size = first.cropContract.size
    for member in members.dropFirst() {
      var contract = member.cropContract
      contract.size = size
      guard member.preprocessing == first.preprocessing, contract == first.cropContract else {
        throw WorkflowError.settings(
          "\(first.name) and \(member.name) do not take the same crops in the same way, so no ensemble can hold both")
      }
    }
    let networks = members.map { member in
      member.network.taking(size: size)
        .calibrated(scale: Float(member.calibration.scale), offset: Float(member.calibration.offset))
    }
    try self.init(
      name: name, network: .ensemble(networks), preprocessing: first.preprocessing, cropContract: first.cropContract,
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
