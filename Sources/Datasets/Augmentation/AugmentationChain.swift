import Compute
public import Imaging

/// A sequence of augmentations, each with its probability.
public struct AugmentationChain: Sendable {
  public struct Step: Sendable {
    public var augmentation: any Augmentation
    /// 0…1.
    public var probability: Double

    public init(_ augmentation: any Augmentation, probability: Double) {
      self.augmentation = augmentation
      self.probability = probability
    }
  }

  public var steps: [Step]

  public init(_ steps: [Step]) {
    self.steps = steps
  }

  /// Simulates the history of footage: framing by a face detector, light, optics, scaling, sensor and compression, in
  /// the order in which they occur.
  ///
  /// - Parameters:
  ///   - strength: strength of all steps, 0…1.
  ///   - blendedShare: fraction of real crops that become self-blended fakes, 0…1.
  ///   - view: the network's view of the crops; nil for whole crops.
  public static func standard(
    strength: Double = 1, blendedFraction: Double = 0, view: CropView? = nil
  ) -> AugmentationChain {
    AugmentationChain([
      Step(SelfBlending(strength: strength), probability: blendedFraction),
      Step(HorizontalFlip(strength: strength), probability: 1),
      // A view must be taken even without jitter.
      Step(FramingJitter(strength: strength, view: view), probability: view == nil ? 0.9 : 1),
      Step(ColourShift(strength: strength), probability: 0.6),
      Step(GaussianBlur(strength: strength), probability: 0.2),
      Step(LowResolution(strength: strength), probability: 0.2),
      Step(SensorNoise(strength: strength), probability: 0.25),
      Step(JPEGCompression(strength: strength), probability: 0.4),
      Step(CutOut(strength: strength), probability: 0.15),
    ])
  }

  /// Augments one crop.
  ///
  /// Each step has its own random numbers, so that adding or removing a step does not affect the others.
  ///
  /// - Parameters:
  ///   - seed: seed of the training run.
  ///   - epoch: index of the epoch.
  ///   - item: index of the crop in its set, or another number that selects the random numbers.
  ///   - variant: a different value redraws the parameters of self-blending and changes nothing else.
  ///   - blends: whether a real crop becomes a fake; nil uses the steps' probabilities.
  /// - Returns: the augmented crop, and its label, which self-blending changes from real to fake.
  public func apply(
    to crop: Frame, label: Label, seed: UInt64, epoch: Int, item: Int, variant: Int = 0, blends: Bool? = nil
  ) -> (crop: Frame, label: Label) {
    var (crop, label) = (crop, label)
    for (index, step) in steps.enumerated() {
      guard var generator = generator(of: index, for: label, seed: seed, epoch: epoch, item: item, blends: blends)
      else { continue }
      if variant > 0, type(of: step.augmentation).makesFakes {
        generator = SeededGenerator(
          seed: seed, path: [UInt64(epoch), UInt64(item), UInt64(index), UInt64(variant)])
      }
      crop = step.augmentation.apply(to: crop, using: &generator)
      if type(of: step.augmentation).makesFakes { label = .fake }
    }
    return (crop, label)
  }

  /// The label that `apply` will return, without processing pixels: losses need it before the crop is ready.
  public func label(after label: Label, seed: UInt64, epoch: Int, item: Int, blends: Bool? = nil) -> Label {
    let becomesFake = steps.indices.contains { index in
      type(of: steps[index].augmentation).makesFakes
        && generator(of: index, for: label, seed: seed, epoch: epoch, item: item, blends: blends) != nil
    }
    return becomesFake ? .fake : label
  }

  /// The random generator of a step for a crop; nil if the step does not apply to it.
  private func generator(
    of index: Int, for label: Label, seed: UInt64, epoch: Int, item: Int, blends: Bool?
  ) -> SeededGenerator? {
    let step = steps[index]
    let makesFakes = type(of: step.augmentation).makesFakes
    guard step.augmentation.strength > 0 || (step.probability == 1 && !makesFakes), !makesFakes || label == .real else {
      return nil
    }
    var generator = SeededGenerator(seed: seed, path: [UInt64(epoch), UInt64(item), UInt64(index)])
    let happens = generator.chance(step.probability)
    return (makesFakes ? blends ?? happens : happens) ? generator : nil
  }
}
