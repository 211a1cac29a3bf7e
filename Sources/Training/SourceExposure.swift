package import Datasets
import Foundation
package import Models
package import Runs
import Scoring

/// What a model met before it is measured: figures on sources that it was fitted to, or chosen by, would be too good.
///
/// A model's card tells in which part of its split each source was, so that it is found out when another split is used with
/// it: by training that goes on from it, by an ensemble, by a measurement.
package enum SourceExposure {
  /// How close a part is to the parameters.
  private static func distance(_ part: Part) -> Int {
    switch part {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }

  /// Parts of several models' sources as those of one model that is made of all: the closest counts.
  static func merged(_ cards: [[String: String]?]) -> [String: String]? {
    guard cards.allSatisfy({ $0 != nil }) else { return nil }
    return cards.compactMap { $0 }.reduce(into: [:]) { all, card in
      all.merge(card) { one, other in
        guard let a = Part(rawValue: one), let b = Part(rawValue: other) else { return one }
        return distance(a) <= distance(b) ? one : other
      }
    }
  }

  /// The sources of a split as a card tells them.
  ///
  /// - Parameter joinsValidation: whether the model was fitted to the validation part too in the end.
  package static func parts(of split: Split, joinsValidation: Bool) -> [String: String] {
    split.parts.mapValues { ($0 == .validation && joinsValidation ? .train : $0).rawValue }
  }

  /// The split in a file, or the one that a model's card tells.
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
      throw WorkflowError.settings("the card of \(model.name) does not tell its split: name the split file")
    }
    return split
  }

  /// The split that a card tells.
  package static func split(of card: ModelCard) -> Split? {
    card.sources.map { sources in
      Split(
        seed: card.settings["seed"].flatMap(UInt64.init) ?? 0, shares: .standard,
        parts: sources.compactMapValues(Part.init(rawValue:)))
    }
  }

  /// Sources of these parts that the model met more closely than the split allows, sorted.
  static func tooClose(_ card: ModelCard, _ split: Split, parts: [Part]) -> [String] {
    guard let met = self.split(of: card) else { return [] }
    // From both sides: either may know a source by the name of its block.
    let kept = split.parts.filter { group, part in
      parts.contains(part) && met.part(ofGroup: group).map { distance($0) < distance(part) } ?? false
    }
    let seen = met.parts.filter { group, part in
      split.part(ofGroup: group).map { parts.contains($0) && distance(part) < distance($0) } ?? false
    }
    return Set(kept.keys).union(seen.keys).sorted()
  }

  /// - Parameter purpose: what the model is to be used for, in words.
  /// - Returns: a warning where the model's card does not tell what it met, so that nothing could be checked.
  /// - Throws: `WorkflowError.settings` that names sources which make that dishonest.
  package static func check(
    _ model: DetectorModel, _ split: Split, parts: [Part], purpose: String, remedy: String
  ) throws(WorkflowError) -> String? {
    guard model.card.sources != nil else {
      return "\(model.name) does not tell which sources it met, so nobody can know whether \(purpose) would give "
        + "figures that are too good"
    }
    let met = tooClose(model.card, split, parts: parts)
    guard !met.isEmpty else { return nil }
    let some = met.prefix(3).joined(separator: ", ") + (met.count > 3 ? ", …" : "")
    throw .settings(
      "\(model.name) was fitted to, or chosen by, \(met.count) sources (\(some)) that this split keeps for later, so "
        + "\(purpose) would give figures that are too good: \(remedy)")
  }
}
