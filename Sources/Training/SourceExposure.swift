package import Datasets
import Foundation
package import Models
package import Runs
import Scoring

/// Checks which sources a model was trained or selected on: results on them would be optimistically biased.
///
/// A model card records the part of each source in its split. That exposes the use of a different split in fine-tuning,
/// in ensembles and in evaluation.
package enum SourceExposure {
  /// Rank of a part by its influence on the parameters: 0 is the most direct.
  private static func distance(_ part: Part) -> Int {
    switch part {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }

  /// Merges the parts of several models' sources for a model made of all: the most direct part counts.
  static func merged(_ cards: [[String: String]?]) -> [String: String]? {
    guard cards.allSatisfy({ $0 != nil }) else { return nil }
    return cards.compactMap { $0 }.reduce(into: [:]) { all, card in
      all.merge(card) { one, other in
        guard let a = Part(rawValue: one), let b = Part(rawValue: other) else { return one }
        return distance(a) <= distance(b) ? one : other
      }
    }
  }

  /// Parts of a split's sources as recorded in a card.
  ///
  /// - Parameter joinsValidation: whether the final model was also fitted on the validation part.
  package static func parts(of split: Split, joinsValidation: Bool) -> [String: String] {
    split.parts.mapValues { ($0 == .validation && joinsValidation ? .train : $0).rawValue }
  }

  /// Reads the split from a file or from a model's card.
  ///
  /// - Parameter name: a split file, a model file or a built-in model.
  /// - Throws: `DatasetsError`, `WorkflowError`.
  package static func split(named name: String) throws -> Split {
    // A split is JSON; a model begins with the length of its header.
    // What cannot be read is left to `Split`, which says why.
    let start = try? FileHandle(forReadingFrom: URL(filePath: name)).read(upToCount: 1)
    guard DetectorModel.builtInName(name) != nil || (start != nil && start != Data("{".utf8)) else {
      return try Split(path: name)
    }
    let model = try loadModel(at: name).detector
    guard let split = split(of: model.card) else {
      throw WorkflowError.settings("the card of \(model.name) does not record its split: name the split file")
    }
    return split
  }

  /// The split recorded in a card.
  package static func split(of card: ModelCard) -> Split? {
    card.sources.map { sources in
      Split(
        seed: card.settings["seed"].flatMap(UInt64.init) ?? 0, fractions: .standard,
        parts: sources.compactMapValues(Part.init(rawValue:)))
    }
  }

  /// Sources of these parts that the model used more directly than the split allows, sorted.
  static func tooClose(_ card: ModelCard, _ split: Split, parts: [Part]) -> [String] {
    guard let met = self.split(of: card) else { return [] }
    // Checks both directions, because either split may know a source by the name of its block.
    let kept = split.parts.filter { group, part in
      parts.contains(part) && met.part(ofGroup: group).map { distance($0) < distance(part) } ?? false
    }
    let seen = met.parts.filter { group, part in
      split.part(ofGroup: group).map { parts.contains($0) && distance(part) < distance($0) } ?? false
    }
    return Set(kept.keys).union(seen.keys).sorted()
  }

  /// - Parameter purpose: intended use of the model, for messages.
  /// - Returns: a warning if the model's card does not list its sources, so that nothing could be checked.
  /// - Throws: `WorkflowError.settings` naming sources that would bias the results.
  package static func check(
    _ model: DetectorModel, _ split: Split, parts: [Part], purpose: String, remedy: String
  ) throws(WorkflowError) -> String? {
    guard model.card.sources != nil else {
      return "\(model.name) does not list its training sources, so it is unknown whether \(purpose) would give "
        + "optimistic results"
    }
    let met = tooClose(model.card, split, parts: parts)
    guard !met.isEmpty else { return nil }
    let some = met.prefix(3).joined(separator: ", ") + (met.count > 3 ? ", …" : "")
    throw .settings(
      "\(model.name) was trained or selected on \(counted(met.count, "sources")) (\(some)) that this split keeps for later, so "
        + "\(purpose) would be optimistic: \(remedy)")
  }
}
