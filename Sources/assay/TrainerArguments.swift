import ArgumentParser

/// The options of commands that train for hours.
struct TrainerArguments: ParsableArguments {
  @Option(help: "Training threads; each gets a part of every batch.")
  var workers = 2

  @Flag(help: "Resume from the checkpoint beside the output.")
  var resume = false

  func validate() throws {
    try require(workers, in: 1...256, "--workers")
  }
}
