import ArgumentParser
import Training

/// The options of `assay train` that turn real crops into fakes beside those of the set.
struct ExtraFakesArguments: ParsableArguments {
  @Option(help: "Fraction of the real crops replaced by self-blended fakes (Shiohara & Yamasaki 2022).")
  var selfBlending: Float = 0

  @Option(
    help: ArgumentHelp(
      "Draw each self-blended fake this many times, and use the one that the network scores most real (2 to 16).",
      valueName: "draws"))
  var adversarialBlending: Int?

  @Option(
    help: ArgumentHelp(
      """
      Generator made by assay gan train on the same split: its pictures, and real crops with blended regions of them, \
      serve as additional fakes.
      """, valueName: "model"))
  var gan: String?

  @Option(help: "Fraction of the real crops replaced by fakes made with the generator (default: 0.2).")
  var ganFraction: Float?

  func validate() throws {
    try require(selfBlending, in: 0...0.99, "--self-blending")
    if let adversarialBlending {
      try require(adversarialBlending, in: 2...16, "--adversarial-blending")
      guard selfBlending > 0 else {
        throw ValidationError("--adversarial-blending chooses among self-blended fakes: it needs --self-blending.")
      }
    }
    if let ganFraction {
      try require(ganFraction, in: 0.001...0.9, "--gan-fraction")
      guard gan != nil else { throw ValidationError("--gan-fraction needs --gan MODEL.") }
    }
  }

  func apply(to options: inout TrainOptions) {
    options.selfBlending = selfBlending
    options.adversarialBlending = adversarialBlending ?? 1
    options.gan = gan
    if let ganFraction { options.ganFraction = ganFraction }
  }
}
