import ArgumentParser

/// The options of commands that train for hours.
struct TrainerArguments: ParsableArguments {
  @Option(help: "Training threads; each gets a part of every batch.")
  var workers = 2

  @Flag(
    help:
      "Resume from the checkpoint beside the output, which must exist. Without this flag a training resumes by itself.")
  var resume = false

  @Flag(help: "Begin anew although a model or a checkpoint is at the output.")
  var overwrite = false

  func validate() throws {
    try require(workers, in: 1...256, "--workers")
    guard !(resume && overwrite) else { throw ValidationError("--resume and --overwrite exclude each other.") }
  }
}
