import ArgumentParser

/// The options of commands that fit a calibration.
struct CalibrationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Share of fakes that scores are calibrated for: a score of one half is where both answers are equally likely if so \
      many are fake. Without it, that of the validation part.
      """, valueName: "share"))
  var assumedPrevalence: Double?

  func validate() throws {
    guard let assumedPrevalence else { return }
    guard assumedPrevalence > 0, assumedPrevalence < 1 else {
      throw ValidationError("--assumed-prevalence must lie above 0 and below 1, not \(assumedPrevalence).")
    }
  }
}
