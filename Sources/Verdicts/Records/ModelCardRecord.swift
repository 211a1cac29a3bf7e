/// What readers of the scores must know about the model.
public struct ModelCardRecord: Sendable, Hashable, Codable {
  /// Whether calibration and thresholds were fitted to data.
  public let isCalibrated: Bool
  /// Prevalence of fakes for which scores are calibrated; nil if they are not, or if the model file does not state it.
  public let calibratedPrevalence: Double?
  /// Limitations as stated in the model's card.
  public let limits: String

  public init(_ calibration: Calibration, limits: String) {
    isCalibrated = calibration.isFitted
    calibratedPrevalence = calibration.prevalence
    self.limits = limits
  }

  /// Remark for every scan with a model that was never calibrated.
  public static let uncalibrated =
    "the model was never calibrated: its scores are no probabilities and its thresholds are not fitted; "
    + "assay evaluate --calibrate fits both"

  /// What a score means, as one line.
  public var scoreLine: String {
    guard isCalibrated else { return "scores: \(Self.uncalibrated)" }
    guard let prevalence = calibratedPrevalence else {
      return "scores: probability of fake; the model file does not state for which prevalence of fakes"
    }
    return "scores: probability of fake if \(Self.percent(prevalence)) % of the videos are fake"
  }

  /// At most one decimal.
  private static func percent(_ fraction: Double) -> String {
    let tenths = Int((fraction * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

extension Thresholds {
  /// Which scores give which verdict, as one line.
  public var line: String {
    let below = "\(Verdict.real.phrase) below \(Self.decimals(real))"
    return real == fake
      ? "\(below), fake from there on" : "\(below), undecided from there on, fake from \(Self.decimals(fake)) on"
  }

  /// At most four decimals, as thresholds are fitted.
  private static func decimals(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }
}
