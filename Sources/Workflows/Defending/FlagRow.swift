public import Datasets
import Foundation
public import Metrics

/// How often the flag for perturbed input is raised.
public struct FlagRow: Sendable, Codable {
  public var model: String
  /// Nil for unperturbed input, where every flag is a false alarm.
  public var attack: String?
  /// Of whole videos or of pictures alone; nil for both.
  public var kind: LabelledItem.Kind?
  public var budget: String?
  public var threshold: Double
  /// That the threshold was fitted for, on so many videos and pictures.
  public var wantedFalseAlarmRate: Double
  public var fitted: Int
  public var flagged: Int
  /// Videos and pictures; under an attack, those in which it turned a crop.
  public var units: Int
  public var rate: Double?
  /// 95 % (Wilson); units of one source are not independent, so it is rather too narrow.
  public var interval: Interval?

  init(
    _ model: AttackModel, attack: String?, kind: LabelledItem.Kind? = nil, budget: String?, _ flag: PerturbedFlag,
    flagged: Int, units: Int
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
    interval = Interval.wilson(successes: flagged, trials: units)
  }

  static let heading = ["MODEL", "INPUT", "FLAGGED", "RATE", "95 %", "THRESHOLD", "FITTED FOR"]

  var cells: [String] {
    [
      model,
      attack.map { "\($0) \(budget ?? "")" } ?? kind.map { "unperturbed \($0)s" } ?? "unperturbed",
      "\(flagged) of \(units)",
      rate.map { String(format: "%.3f", $0) } ?? "-",
      interval.map { String(format: "%.3f–%.3f", $0.lower, $0.upper) } ?? "-", String(format: "%.3f", threshold),
      "\(wantedFalseAlarmRate) on \(fitted)",
    ]
  }
}
