import ArgumentParser
import Attacks
import Training

/// The options of `assay train` that harden a network against perturbations.
struct HardeningArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Train on perturbed crops: pgd (Madry et al. 2018), fgsm-rs (Wong et al. 2020), trades (Zhang et al. 2019), free \
      (Shafahi et al. 2019), or noise: Gaussian noise, for assay attack --certify (Cohen et al. 2019).
      """,
      valueName: "method"))
  var adversarial: HardeningOptions.Method?

  @Option(help: "ℓ∞ budget of the perturbations, such as 2/255; for noise, its standard deviation.")
  var epsilon = "2/255"

  @Option(help: "Steps of pgd and trades.")
  var attackSteps = 5

  @Option(help: "Fraction of the training, 0 to 1, during which the budget grows from 0.")
  var ramp: Float = 0.3

  @Option(help: "How the budget grows: linear, cosine or stairs (four equal steps).")
  var budgetSchedule: HardeningOptions.Schedule = .linear

  @Option(
    help: "How often free repeats a batch in succession; an epoch costs the same, on so many times fewer crops.")
  var replays = 4

  @Option(help: "Weight β of the divergence term in trades.")
  var beta: Float = 6

  func validate() throws {
    try require(attackSteps, in: 1...100, "--attack-steps")
    try require(replays, in: 1...100, "--replays")
    try require(ramp, in: 0...1, "--ramp")
    try require(beta, in: 0...1000, "--beta")
    _ = try Budget.number(epsilon, "--epsilon", in: .linf)
    try require(
      "--adversarial", adversarial != nil,
      beside: ["--epsilon", "--attack-steps", "--ramp", "--budget-schedule", "--replays", "--beta"])
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
