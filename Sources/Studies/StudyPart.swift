package import Datasets
import Foundation
import Models
import Runs
package import Scoring
import Training

extension StudyRequest {
  /// The split that keeps a study away from what its models were trained on.
  ///
  /// - Parameter models: those under study.
  /// - Returns: the split, one of the seed where none is known, and whether it is known to be that of the models.
  /// - Throws: `WorkflowError.settings` where one of the models was trained on what the split keeps for the test.
  package func split(of items: [LabelledItem], models: [LoadedModel]) throws -> (split: Split, isKnown: Bool) {
    let known = try knownSplit(of: items, models: models)
    return (try known ?? Split.make(items, seed: seed), known != nil)
  }

  /// The split that is named; otherwise that of the first model that tells one of these items, beside it or in its card.
  ///
  /// - Returns: nil where no split is named and no model's is of these items.
  /// - Throws: `WorkflowError.input` for a named split of other data, `.settings` where one of the models was trained on
  ///   what the split keeps for the test.
  func knownSplit(of items: [LabelledItem], models: [LoadedModel]) throws -> Split? {
    guard let split = try namedSplit(of: items) ?? ownSplit(of: items, models: models) else { return nil }
    let remedy =
      models.count > 1
      ? "name a split with --split under which none of the models met its test part, or look at the models one at a time"
      : "name the split that it was trained with by --split, or other data"
    for model in models {
      let warning = try SourceExposure.check(
        model.detector, split, parts: [.test], purpose: "its test part", remedy: remedy)
      if let warning { writeToStandardError("warning: \(warning)\n") }
    }
    return split
  }

  /// The split that a study trains by: the named one, or one of the seed.
  ///
  /// - Throws: `WorkflowError.input` when the named one is of other data.
  func trainingSplit(of items: [LabelledItem]) throws -> Split {
    try namedSplit(of: items) ?? Split.make(items, seed: seed)
  }

  /// - Returns: nil where no split is named.
  /// - Throws: `WorkflowError.input` when it is of other data.
  func namedSplit(of items: [LabelledItem]) throws -> Split? {
    guard let splitPath else { return nil }
    let split = try SourceExposure.split(named: splitPath)
    guard Self.isSplit(split, of: items) else {
      throw WorkflowError.input(path: splitPath, why: "this split is of other data")
    }
    return split
  }

  private func ownSplit(of items: [LabelledItem], models: [LoadedModel]) throws -> Split? {
    for model in models {
      let beside = TrainOptions.splitPath(besideModel: model.path)
      if FileManager.default.fileExists(atPath: beside) {
        let split = try SourceExposure.split(named: beside)
        if Self.isSplit(split, of: items) { return split }
      }
      if let own = SourceExposure.split(of: model.detector.card), Self.isSplit(own, of: items) { return own }
    }
    return nil
  }

  private static func isSplit(_ split: Split, of items: [LabelledItem]) -> Bool {
    items.contains { split.part(ofGroup: $0.group) != nil }
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
  "No split was named, and none of this data is in a split beside a model or in its card: the test part is one of the seed. It is unseen by a model that was "
  + "trained on this very set with that seed, and on data that the model never met; otherwise figures are too good."
