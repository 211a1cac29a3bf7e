import ArgumentParser

/// The options of commands that fit a calibration.
struct CalibrationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Prevalence of fakes for which scores are calibrated: at a score of one half, both classes are equally likely at \
      this prevalence.
      """, valueName: "fraction"))
  var assumedPrevalence = 0.5

  func validate() throws {
    guard assumedPrevalence > 0, assumedPrevalence < 1 else {
      throw ValidationError("--assumed-prevalence must lie above 0 and below 1, not \(assumedPrevalence).")
    }
  }
}
