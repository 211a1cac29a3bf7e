import ArgumentParser
import RedTeam
import Scoring

/// The options of `assay attack` that tell what stands against attacks, and what can be guaranteed.
struct DefenceArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Also attack each model behind these input-transformation defences, separated by commas, with and without \
      knowledge of them: \
      \(DefenceName.help).
      """, valueName: "defences"),
    transform: { text in try text.split(separator: ",").map { try defenceArgument(String($0)) } })
  var defence: [DefenceName]?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Check for gradient masking: black-box attacks must not be stronger, more steps not weaker, and a budget of 1 must always succeed."
  )
  var checks = true

  @Option(
    help: ArgumentHelp(
      "Certify the smoothed models at this standard deviation of the noise on the [0, 1] scale (Cohen et al. 2019), such as 0.1.",
      valueName: "sigma"))
  var certify: Double?

  @Option(help: "Numbers of noisy copies of a crop to select the class, and to certify it.")
  var certifySamples = "100,1000"

  @Option(help: "Failure probability of a certificate.")
  var certifyAlpha = 0.001

  @Option(
    help: ArgumentHelp(
      """
      Fit the perturbed-input flag at this false alarm rate, such as 0.05, measure it, and write it for assay scan \
      --detect-perturbed.
      """, valueName: "rate"))
  var detectPerturbed: Double?

  private var samples: [Int] { certifySamples.split(separator: ",").compactMap { Int($0) } }

  func validate() throws {
    if let certify { try require(certify, in: 0.001...10, "--certify") }
    guard samples.count == 2, samples.allSatisfy({ (1...10_000_000).contains($0) }) else {
      throw ValidationError("--certify-samples takes two numbers such as 100,1000, not '\(certifySamples)'.")
    }
    try require(certifyAlpha, in: 1e-12...0.5, "--certify-alpha")
    if let detectPerturbed { try require(detectPerturbed, in: 0.001...0.5, "--detect-perturbed") }
  }

  func apply(to options: inout AttackOptions) {
    options.defences = defence ?? []
    options.checks = checks
    options.flagRate = detectPerturbed
    options.certify = certify.map { sigma in
      var certify = CertifyOptions(sigma: sigma)
      (certify.choosingSamples, certify.samples, certify.alpha) = (samples[0], samples[1], certifyAlpha)
      return certify
    }
  }
}
