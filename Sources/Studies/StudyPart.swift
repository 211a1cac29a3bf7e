package import Datasets
import Foundation
import Models
import Runs
package import Scoring
import Training

extension StudyRequest {
  /// A split that separates a study from its models' training data.
  ///
  /// - Parameter models: models under study.
  /// - Returns: the split, made from the seed if none is known, and whether it is known to be that of the models.
  /// - Throws: `WorkflowError.settings` if a model was trained on the split's test part.
  package func split(of items: [LabelledItem], models: [LoadedModel]) throws -> (split: Split, isKnown: Bool) {
    let known = try knownSplit(of: items, models: models)
    return (try known ?? Split.make(items, seed: seed), known != nil)
  }

  /// The named split; otherwise that of the first model whose split file or card lists any of these items.
  ///
  /// - Returns: nil if no split is named and no model's split covers these items.
  /// - Throws: `WorkflowError.input` for a named split of other data, `.settings` if a model was trained on the split's
  ///   test part.
  func knownSplit(of items: [LabelledItem], models: [LoadedModel]) throws -> Split? {
    guard let split = try namedSplit(of: items) ?? ownSplit(of: items, models: models) else { return nil }
    let remedy =
      models.count > 1
      ? "name a split with --split whose test part none of the models was trained on, or study the models separately"
      : "name the split of its training with --split, or other data"
    for model in models {
      let warning = try SourceExposure.check(
        model.detector, split, parts: [.test], purpose: "its test part", remedy: remedy)
      if let warning { writeToStandardError("warning: \(warning)\n") }
    }
    return split
  }

  /// The split for training: the named one, or one made from the seed.
  ///
  /// - Throws: `WorkflowError.input` when the named split is of other data.
  func trainingSplit(of items: [LabelledItem]) throws -> Split {
    try namedSplit(of: items) ?? Split.make(items, seed: seed)
  }

  /// - Returns: nil if no split is named.
  /// - Throws: `WorkflowError.input` when the named split is of other data.
  func namedSplit(of items: [LabelledItem]) throws -> Split? {
    guard let splitPath else { return nil }
    let split = try SourceExposure.split(named: splitPath)
    guard Self.isSplit(split, of: items) else {
      throw WorkflowError.input(path: splitPath, why: "the split belongs to other data")
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

  /// The models from the command line, or else built-in ones.
  ///
  /// - Parameter names: built-in models to use by default; those missing from this build are skipped.
  func loadedModels(otherwise names: [String]) throws -> [LoadedModel] {
    guard models.isEmpty else { return try models.map { try loadModel(at: $0) } }
    let found = names.compactMap { try? loadModel(at: $0) }
    guard !found.isEmpty else {
      throw WorkflowError.settings("no built-in model is available: name a model with --models")
    }
    return found
  }
}

/// Limitation to report when it is unknown whether the models were trained with the split.
let unknownSplitLimit =
  "No split was named, and none of this data is in a split beside a model or in its card: the test part follows from the seed. It is held out only from models "
  + "trained on this set with that seed, or on other data; otherwise results are optimistic."
