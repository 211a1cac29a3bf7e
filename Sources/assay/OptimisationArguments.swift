import ArgumentParser
import Training

/// The options of `assay train` that say how weights are moved.
struct OptimisationArguments: ParsableArguments {
  @Option(help: "adamw, or sgd with Nesterov's momentum 0.9.")
  var optimiser: OptimisationOptions.Rule = .adamw

  @Option(help: "Highest learning rate; it warms up to it and falls along a cosine.")
  var learningRate: Float = 0.001

  @Option(help: "Decoupled weight decay.")
  var weightDecay: Float = 0.0001

  @Option(help: "Gradients longer than this are shortened; 0 leaves them.")
  var clip: Float = 5

  @Option(help: "How far labels move towards one half, 0 to 1.")
  var labelSmoothing: Float = 0

  @Option(help: "How much a fake counts in the loss beside a real crop.")
  var fakeWeight: Float = 1

  @Option(help: "Share of the averaged weights that a step keeps, for example 0.999; 0 keeps no average.")
  var average: Float = 0

  @Option(help: "Mix-up of crops: both parameters of the Beta distribution, for example 0.2; 0 mixes nothing.")
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
