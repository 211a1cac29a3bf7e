import ArgumentParser

/// The options of commands that make pictures with a generator.
struct GeneratorArguments: ParsableArguments {
  @Option(help: "Seed; each picture depends on it and on its number alone.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Draw latents beyond ±this again, for example 1: pictures become more typical, and more alike (Brock et al. 2019).",
      valueName: "limit"))
  var truncation: Float?

  func validate() throws {
    if let truncation { try require(truncation, in: 0.05...10, "--truncation") }
  }
}
