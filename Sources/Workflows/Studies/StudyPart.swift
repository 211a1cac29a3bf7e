import Models
import Datasets
import Foundation

extension StudyRequest {
  /// The split that keeps a study away from what a model was trained on.
  ///
  /// - Parameters:
  ///   - models: those under study; the split beside the first one, or in its card, counts where none is named.
  /// - Returns: the split, and whether it is known to be that of the models.
  func split(of items: [LabelledItem], models: [LoadedModel]) throws -> (split: Split, isKnown: Bool) {
    func isOfItems(_ split: Split) -> Bool { items.contains { split.parts[$0.group] != nil } }
    let beside = models.first.map { TrainOptions.splitPath(besideModel: $0.path) }
    if let path = splitPath ?? beside, splitPath != nil || FileManager.default.fileExists(atPath: path) {
      let split = try SourceExposure.split(named: path)
      guard isOfItems(split) else { throw WorkflowError.input(path: path, why: "this split is of other data") }
      return (split, true)
    }
    if let own = models.first.flatMap({ SourceExposure.split(of: $0.detector.card) }), isOfItems(own) {
      return (own, true)
    }
    return (try Split.make(items, seed: seed), false)
  }

  /// The models of the command line, or those that come with the program.
  ///
  /// - Parameter names: built-in models that are taken when none was named; those that this build lacks are left out.
  func loadedModels(otherwise names: [String]) throws -> [LoadedModel] {
    guard models.isEmpty else { return try models.map { try loadModel(at: $0) } }
    let found = names.compactMap { try? loadModel(at: $0) }
    guard !found.isEmpty else { throw WorkflowError.settings("no built-in model is there: name one with --models") }
    return found
  }
}

/// What to say of a split of which it is not known whether the models were trained by it.
let unknownSplitLimit =
  "No split was named, none lies beside the model and none of this data is in its card: the test part is one of the seed. It is unseen by a model that was "
  + "trained on this very set with that seed, and on data that the model never met; otherwise figures are too good."
