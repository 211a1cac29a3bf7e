import Compute
import Imaging
import Models
import NeuralNet
import Runs
import Scoring

/// Settings of `assay model average`.
package struct AverageOptions: Sendable {
  /// Model files or built-in models, at least two, of one network.
  package var members: [String]
  /// Weight of each member, above 0; nil for equal ones.
  package var weights: [Double]?
  package var output: String
  package var name = ""

  package init(members: [String], output: String) {
    self.members = members
    self.output = output
  }
}

/// Averages the weights of models of one network, of which each was trained on from the one before or from a common
/// start, and writes the result: at the cost of one model it is often better than each (Wortsman et al. 2022).
///
/// The average is uncalibrated: `assay evaluate --calibrate` fits its calibration and thresholds. Its face-crop settings
/// are those of the last member.
///
/// - Returns: a summary as text.
/// - Throws: `WorkflowError.usage` for unfit weights, `.settings` when the members differ in network, framing or
///   preprocessing, `ModelsError` when the file cannot be written.
package func averageModels(_ options: AverageOptions) throws -> String {
  guard options.members.count >= 2 else { throw WorkflowError.usage("an average needs at least two models") }
  let weights = options.weights ?? options.members.map { _ in 1 }
  guard weights.count == options.members.count, weights.allSatisfy({ $0.isFinite && $0 > 0 }) else {
    throw WorkflowError.usage("--weights needs one number above 0 for each of the \(options.members.count) models")
  }
  let files = try options.members.map { try loadModel(at: $0) }
  let members = files.map(\.detector)
  var average = members[members.count - 1]
  for member in members {
    let (own, common) = (member.cropSettings, average.cropSettings)
    guard member.network.nodes == average.network.nodes, member.network.inputShape == average.network.inputShape,
      own.framing == common.framing, own.size == common.size, own.filter == common.filter,
      member.preprocessing == average.preprocessing
    else {
      throw WorkflowError.settings(
        "\(member.name) and \(average.name) differ in network, crops or preprocessing and cannot be averaged")
    }
  }
  let total = weights.reduce(0, +)
  var network = average.network
  for name in network.parameters.keys {
    var sum = members[0].network.parameters[name].map { tensor in tensor.map { _ in 0 } }
    for (member, weight) in zip(members, weights) {
      guard let tensor = member.network.parameters[name], let before = sum, tensor.shape == before.shape else {
        throw WorkflowError.settings("\(member.name) has no tensor '\(name)' of the same shape")
      }
      sum = before.zip(tensor) { $0 + Float(weight / total) * $1 }
    }
    network.parameters[name] = sum
  }
  let shares = zip(files, weights).map { file, weight in
    "\(weight / total) of \(file.detector.name) (\(file.sha256.prefix(12)))"
  }.joined(separator: ", ")
  var card = average.card
  card.settings["model-average"] = shares
  average = try DetectorModel(
    name: options.name, network: network, preprocessing: average.preprocessing, cropSettings: average.cropSettings,
    card: ModelCard(
      trainingData: card.trainingData, settings: card.settings, intendedUse: card.intendedUse, limits: card.limits,
      licence: card.licence))
  average.card.sources = SourceExposure.merged(members.map(\.card.sources))
  try average.write(to: options.output)
  return "the average of \(shares)\nmodel: \(options.output)\nits scores are not calibrated: assay evaluate "
    + "\(options.output) CROPS --calibrate --split SPLIT"
}
