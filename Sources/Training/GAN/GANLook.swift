/// One entry of the GAN training log, written every few hundred steps.
struct GANLook: Sendable, Codable, Equatable {
  /// Completed steps.
  var step: Int
  /// Means since the previous entry.
  var discriminatorLoss: Double
  var generatorLoss: Double
  /// Fraction of real crops classified as real, and of generated pictures classified as generated, by the
  /// discriminator.
  var realRecognised: Double
  var generatedRecognised: Double
  /// Diversity of pictures from fixed latents divided by that of real crops.
  var diversity: Double
  /// Position of the mean discriminator output on held-out real crops between that on training crops (0) and that on
  /// generated pictures (1, complete memorisation) (Karras et al. 2020); nil without held-out crops, or if the
  /// discriminator does not separate training crops from generated pictures.
  var overfitting: Double?
  var seconds: Double
  /// A problem that occurs for the first time.
  var warning: String?
}

/// Sums since the last log entry; stored in checkpoints.
struct GANInterval: Sendable, Codable {
  var steps = 0
  var discriminatorLoss = 0.0
  var generatorLoss = 0.0
  var realRecognised = 0.0
  var generatedRecognised = 0.0
}
