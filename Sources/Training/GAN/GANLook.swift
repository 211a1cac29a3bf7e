/// What was seen of a generator's training at one of the looks that are taken every few hundred steps.
struct GANLook: Sendable, Codable, Equatable {
  /// Steps done.
  var step: Int
  /// Means since the look before.
  var discriminatorLoss: Double
  var generatorLoss: Double
  /// Shares of real crops that the discriminator called real, and of pictures that it called generated.
  var realRecognised: Double
  var generatedRecognised: Double
  /// How much the pictures of some fixed latents differ, over how much real crops do.
  var diversity: Double
  /// How far the discriminator's answer to unseen real crops has moved from that to its own ones towards that to
  /// generated pictures: 0 for not at all, 1 when it knows its crops by heart (Karras et al. 2020); nil without unseen
  /// ones, or where it does not tell its own from generated ones.
  var overfitting: Double?
  var seconds: Double
  /// What went wrong, where it did for the first time.
  var warning: String?
}

/// Sums since the last look; a checkpoint keeps them.
struct GANInterval: Sendable, Codable {
  var steps = 0
  var discriminatorLoss = 0.0
  var generatorLoss = 0.0
  var realRecognised = 0.0
  var generatedRecognised = 0.0
}
