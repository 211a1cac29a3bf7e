import Foundation
package import Ledger
import Metrics
package import Verdicts

/// How the videos that a run scanned differ in distribution from those of earlier runs.
package struct DistributionShift: Sendable, Encodable {
  package enum Kind: String, Sendable, CaseIterable, Encodable {
    case scores, faces, containers, codecs
  }

  package let kind: Kind
  /// Population stability index.
  package let index: Double
  /// What the index exceeds in one of a thousand pairs of samples of these sizes from one distribution.
  package let noise: Double
  /// A shift that matters, and that chance does not explain.
  package var isShift: Bool { index >= PopulationStability.largeShift && index > noise }

  /// Runs that a run is compared with.
  package static let referenceRuns = 14

  /// The distribution of the last runs with the same model and settings; nil without any.
  ///
  /// - Parameter runs: oldest first.
  package static func reference(_ runs: [Ledger.EndedRun], for context: ScanContext) -> RunDistribution? {
    reference(runs, for: VerdictKey(context))
  }

  package static func reference(_ runs: [Ledger.EndedRun], for key: VerdictKey) -> RunDistribution? {
    let own = runs.filter { $0.key == key }.compactMap(\.newlyScanned).filter { $0.videos > 0 }.suffix(referenceRuns)
    guard !own.isEmpty else { return nil }
    return own.reduce(into: RunDistribution()) { $0.add($1) }
  }

  /// One of each kind for which both have videos.
  ///
  /// - Parameter reference: nil: none are returned.
  package static func shifts(of current: RunDistribution, from reference: RunDistribution?) -> [DistributionShift] {
    guard let reference else { return [] }
    return Kind.allCases.compactMap { kind in
      let (new, old) = bins(kind, current, reference)
      guard let index = PopulationStability.index(reference: old, current: new) else { return nil }
      return DistributionShift(
        kind: kind, index: index,
        noise: PopulationStability.noise(
          bins: zip(new, old).count { $0 + $1 > 0 }, counts: (old.reduce(0, +), new.reduce(0, +))))
    }
  }

  private static func bins(_ kind: Kind, _ new: RunDistribution, _ old: RunDistribution) -> ([Int], [Int]) {
    switch kind {
    case .scores: return (new.scoreTenths, old.scoreTenths)
    case .faces:
      func counts(_ distribution: RunDistribution) -> [Int] {
        let without = [distribution.count(.noFace), distribution.count(.failed)]
        return [distribution.videos - without.reduce(0, +)] + without
      }
      return (counts(new), counts(old))
    case .containers, .codecs:
      let (first, second) =
        kind == .containers ? (new.containers, old.containers) : (new.codecs, old.codecs)
      let names = Set(first.keys).union(second.keys).sorted()
      return (names.map { first[$0] ?? 0 }, names.map { second[$0] ?? 0 })
    }
  }
}
