import ArgumentParser

/// The options of commands that train for hours.
struct TrainerArguments: ParsableArguments {
  @Option(help: "Threads that train; each gets its part of every batch.")
  var workers = 2

  @Flag(
    help: "Go on from the checkpoint beside the output, which must be there. Without it a training goes on by itself.")
  var resume = false

  @Flag(help: "Begin anew although a model or a checkpoint is at the output.")
  var overwrite = false

  func validate() throws {
    try require(workers, in: 1...256, "--workers")
    guard !(resume && overwrite) else { throw ValidationError("--resume and --overwrite exclude each other.") }
  }
}
