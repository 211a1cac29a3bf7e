import ArgumentParser
import Attacks
import Scoring

/// The options of `assay scan` that put an attack between faces and network.
struct PerturbArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Attack the faces with this, beside scoring them as they are; both scores go to the manifest.",
      valueName: "attack"))
  var perturb: String?

  @Option(help: "Budget on the [0, 1] pixel scale, such as 8/255; a number of pixels for l0.")
  var epsilon: String?

  @Option(help: "What the budget is counted in: linf, l2 or l0; the attack's own without it.")
  var norm: Norm?

  @Option(help: "Iterations of the attack, or queries in hundreds of one without gradients.")
  var steps: Int?

  @Option(help: "Attack each face's own class, or with all faces together the video's verdict: crop or video.")
  var adaptive: PerturbSettings.Target = .crop

  @Option(help: "Seed of what is random in the attack.")
  var seed: UInt64 = 1

  func validate() throws {
    if let steps { try require(steps, in: 1...100_000, "--steps") }
    guard perturb != nil || (epsilon == nil && norm == nil && steps == nil && adaptive == .crop) else {
      throw ValidationError("--epsilon, --norm, --steps and --adaptive are settings of --perturb: name an attack.")
    }
    guard perturb == nil || epsilon != nil else { throw ValidationError("--perturb needs a budget: --epsilon 8/255.") }
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
