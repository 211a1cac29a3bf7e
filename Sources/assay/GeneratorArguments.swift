import ArgumentParser

/// The options of commands that make pictures with a generator.
struct GeneratorArguments: ParsableArguments {
  @Option(help: "Seed; each picture depends only on it and on its index.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Resample latents beyond ±this, for example 1: pictures become more typical and less diverse (Brock et al. 2019).",
      valueName: "limit"))
  var truncation: Float?

  func validate() throws {
    if let truncation { try require(truncation, in: 0.05...10, "--truncation") }
  }
}
