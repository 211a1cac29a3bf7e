import ArgumentParser

/// The options of commands that fit a calibration.
struct CalibrationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Prevalence of fakes for which scores are calibrated: at a score of one half, both classes are equally likely at \
      this prevalence. Default: that of the validation part.
      """, valueName: "fraction"))
  var assumedPrevalence: Double?

  func validate() throws {
    guard let assumedPrevalence else { return }
    guard assumedPrevalence > 0, assumedPrevalence < 1 else {
      throw ValidationError("--assumed-prevalence must lie above 0 and below 1, not \(assumedPrevalence).")
    }
  }
}
