package import Datasets
package import Files
package import Metrics
import Scoring

/// How often the perturbed-input flag is raised.
package struct FlagRow: Sendable, Codable {
  package var model: String
  /// Nil for unperturbed input, where every flag is a false alarm.
  package var attack: String?
  /// Restriction to videos or to pictures; nil for both.
  package var kind: LabelledItem.Kind?
  package var budget: String?
  package var threshold: Double
  /// Target rate of the threshold, and the number of videos and pictures it was fitted on.
  package var wantedFalseAlarmRate: Double
  package var fitted: Int
  package var flagged: Int
  /// Number of videos and pictures; under an attack, those in which a crop was misclassified.
  package var units: Int
  package var rate: Double?
  /// 95 % Wilson interval; too narrow, because units of one source are not independent.
  package var interval: Interval?

  /// - Parameter sources: sources of the units.
  init(
    _ model: AttackModel, attack: String?, kind: LabelledItem.Kind? = nil, budget: String?, _ flag: PerturbedFlag,
    flagged: Int, units: Int, sources: Int
  ) {
    self.model = model.name
    self.attack = attack
    self.kind = kind
    self.budget = budget
    threshold = flag.threshold
    wantedFalseAlarmRate = flag.falseAlarmRate
    fitted = flag.fitted
    self.flagged = flagged
    self.units = units
    rate = units > 0 ? Double(flagged) / Double(units) : nil
    interval = Interval.wilson(successes: flagged, trials: units, sources: sources)
  }

  package static let table = Table<FlagRow>([
    .text("MODEL") { $0.model },
    .text("INPUT") { row in
      row.attack.map { "\($0) \(row.budget ?? "")" } ?? row.kind.map { "unperturbed \($0)s" } ?? "unperturbed"
    },
    .text("FLAGGED") { "\($0.flagged) of \($0.units)" },
    .text("RATE") { fractionText($0.rate) },
    .text("95 %") { intervalText($0.interval) },
    .text("THRESHOLD") { fractionText($0.threshold) },
    .text("FITTED FOR") { "\($0.wantedFalseAlarmRate) on \($0.fitted)" },
  ])
}
