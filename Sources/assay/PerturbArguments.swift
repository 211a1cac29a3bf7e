import ArgumentParser
import Attacks
import Scoring

/// The options of `assay scan` that perturb faces.
struct PerturbArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Additionally score the faces under this attack; the manifest records both scores.",
      valueName: "attack"))
  var perturb: String?

  @Option(help: "Budget on the [0, 1] pixel scale, such as 8/255; a number of pixels for l0.")
  var epsilon: String?

  @Option(help: "Norm of the budget: linf, l2 or l0 (default: the attack's own).")
  var norm: Norm?

  @Option(help: "Iterations of the attack, or hundreds of queries of a black-box attack.")
  var steps: Int?

  @Option(help: "Target: the class of each face (crop), or the video's verdict with all faces together (video).")
  var adaptive: PerturbSettings.Target = .crop

  @Option(help: "Random seed of the attack.")
  var seed: UInt64 = 1

  func validate() throws {
    if let steps { try require(steps, in: 1...100_000, "--steps") }
    guard perturb != nil || (epsilon == nil && norm == nil && steps == nil && adaptive == .crop) else {
      throw ValidationError("--epsilon, --norm, --steps and --adaptive are settings of --perturb: name an attack.")
    }
    guard perturb == nil || epsilon != nil else {
      throw ValidationError("--perturb needs a budget, such as --epsilon 8/255.")
    }
    _ = try settings
  }

  var settings: PerturbSettings? {
    get throws {
      guard let perturb, let epsilon else { return nil }
      var settings = PerturbSettings(attack: perturb, epsilon: try Budget.number(epsilon, "--epsilon"))
      settings.norm = norm
      settings.steps = steps
      settings.target = adaptive
      settings.seed = seed
      return settings
    }
  }
}
