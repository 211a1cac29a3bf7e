import ArgumentParser
import Attacks
import Training

/// The options of `assay train` that harden a network against perturbations.
struct HardeningArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Train on perturbed crops: pgd (Madry et al. 2018), fgsm-rs (Wong et al. 2020), trades (Zhang et al. 2019), free \
      (Shafahi et al. 2019), or with normal noise for assay attack --certify (Cohen et al. 2019).
      """,
      valueName: "method"))
  var adversarial: HardeningOptions.Method?

  @Option(help: "Budget of the perturbations in ℓ∞, such as 2/255; deviation of noise.")
  var epsilon = "2/255"

  @Option(help: "Steps of pgd and trades.")
  var attackSteps = 5

  @Option(help: "Share of the training over which the budget grows from 0, 0 to 1.")
  var ramp: Float = 0.3

  @Option(help: "How the budget grows over that share: linear, cosine or stairs (four equal ones).")
  var budgetSchedule: HardeningOptions.Schedule = .linear

  @Option(
    help: "How often free shows a minibatch in a row; an epoch costs the same, on so many times fewer crops.")
  var replays = 4

  @Option(help: "How much agreement counts in trades.")
  var beta: Float = 6

  func validate() throws {
    try require(attackSteps, in: 1...100, "--attack-steps")
    try require(replays, in: 1...100, "--replays")
    try require(ramp, in: 0...1, "--ramp")
    try require(beta, in: 0...1000, "--beta")
    _ = try Budget.number(epsilon, "--epsilon", in: .linf)
  }

  var options: HardeningOptions? {
    get throws {
      guard let adversarial else { return nil }
      var options = HardeningOptions(adversarial, epsilon: try Budget.number(epsilon, "--epsilon", in: .linf))
      options.steps = attackSteps
      options.ramp = ramp
      options.replays = replays
      options.schedule = budgetSchedule
      options.beta = beta
      return options
    }
  }
}
