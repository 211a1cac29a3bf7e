import ArgumentParser
import Training

/// The optimiser options of `assay train`.
struct OptimisationArguments: ParsableArguments {
  @Option(help: "Optimiser: adamw, or sgd with Nesterov momentum 0.9.")
  var optimiser: OptimisationOptions.Rule = .adamw

  @Option(help: "Peak learning rate, after a warm-up and before cosine decay.")
  var learningRate: Float = 0.001

  @Option(help: "Decoupled weight decay.")
  var weightDecay: Float = 0.0001

  @Option(help: "Maximum gradient norm; 0 disables clipping.")
  var clip: Float = 5

  @Option(help: "Label smoothing, 0 to 1.")
  var labelSmoothing: Float = 0

  @Option(help: "Loss weight of a fake relative to a real crop.")
  var fakeWeight: Float = 1

  @Option(help: "Decay of the moving average of the weights, for example 0.999; 0 disables averaging.")
  var average: Float = 0

  @Option(help: "Mix-up: α of the Beta(α, α) distribution, for example 0.2; 0 disables it.")
  var mixUp: Float = 0

  func validate() throws {
    try require(learningRate, in: 1e-7...10, "--learning-rate")
    try require(weightDecay, in: 0...1, "--weight-decay")
    try require(clip, in: 0...1e6, "--clip")
    try require(labelSmoothing, in: 0...0.9, "--label-smoothing")
    try require(fakeWeight, in: 0.01...100, "--fake-weight")
    try require(average, in: 0...0.99999, "--average")
    try require(mixUp, in: 0...100, "--mix-up")
  }

  var options: OptimisationOptions {
    var options = OptimisationOptions()
    options.rule = optimiser
    options.learningRate = learningRate
    options.weightDecay = weightDecay
    options.clip = clip
    options.labelSmoothing = labelSmoothing
    options.fakeWeight = fakeWeight
    options.average = average
    options.mixUp = mixUp
    return options
  }
}
