import Datasets
import Models

/// What a model met before it is measured: figures on sources that it was fitted to, or chosen by, would be too good.
///
/// A model's card tells in which part of its split each source was, so that it is found out when another split is used with
/// it: by training that goes on from it, by an ensemble, by a measurement.
enum SourceExposure {
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
  static func parts(of split: Split) -> [String: String] { split.parts.mapValues(\.rawValue) }

  /// Sources that the model met more closely than this split allows, sorted.
  static func tooClose(_ card: ModelCard, _ split: Split) -> [String] {
    split.parts.filter { group, part in
      card.sources?[group].flatMap(Part.init(rawValue:)).map { distance($0) < distance(part) } ?? false
    }.keys.sorted()
  }

  /// - Parameter purpose: what the model is to be used for, in words.
  /// - Throws: `WorkflowError.settings` that names sources which make that dishonest.
  static func check(_ model: DetectorModel, _ split: Split, purpose: String, remedy: String) throws(WorkflowError) {
    let met = tooClose(model.card, split)
    guard !met.isEmpty else { return }
    let some = met.prefix(3).joined(separator: ", ") + (met.count > 3 ? ", …" : "")
    throw .settings(
      "\(model.name) was fitted to, or chosen by, \(met.count) sources (\(some)) that this split keeps for later, so "
        + "\(purpose) would give figures that are too good: \(remedy)")
  }
}
