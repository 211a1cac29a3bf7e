/// A side of a split.
public enum Part: String, Sendable, Hashable, Codable, CaseIterable {
  /// Fits the parameters.
  case train
  /// Chooses the epoch, the calibration and the thresholds.
  case validation
  /// Measured once per model.
  case test
}
