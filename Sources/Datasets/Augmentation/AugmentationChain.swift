import Compute
public import Imaging

/// Augmentations in order, each with the probability that a crop goes through it.
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

  /// What footage goes through on its way: framing by a detector, light, optics, scaling, sensor and compression, in
  /// the order in which it happens.
  ///
  /// - Parameters:
  ///   - strength: 0…1, of all steps.
  ///   - blendedShare: share of real crops that become self-blended fakes, 0…1.
  ///   - view: what the network sees of the crops; nil: all of them.
  public static func standard(
    strength: Double = 1, blendedShare: Double = 0, view: CropView? = nil
  ) -> AugmentationChain {
    AugmentationChain([
      Step(SelfBlending(strength: strength), probability: blendedShare),
      Step(HorizontalFlip(strength: strength), probability: 1),
      // Without jitter, too, a view has to be taken.
      Step(FramingJitter(strength: strength, view: view), probability: view == nil ? 0.9 : 1),
      Step(ColourShift(strength: strength), probability: 0.6),
      Step(GaussianBlur(strength: strength), probability: 0.2),
      Step(LowResolution(strength: strength), probability: 0.2),
      Step(SensorNoise(strength: strength), probability: 0.25),
      Step(JPEGCompression(strength: strength), probability: 0.4),
      Step(CutOut(strength: strength), probability: 0.15),
    ])
  }

  /// Changes one crop.
  ///
  /// Each step has random numbers of its own, so that a step more or less leaves the others as they are.
  ///
  /// - Parameters:
  ///   - seed: of the training run.
  ///   - epoch: pass over the data.
  ///   - item: the crop's index in its set, or another number that chooses the random numbers.
  ///   - variant: another number draws what makes a fake anew, and leaves all else as it is.
  ///   - blends: whether a real crop becomes a fake; nil leaves it to the steps' probabilities.
  /// - Returns: the changed crop, and its label, which self-blending changes from real to fake.
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

  /// The label that `apply` will give, without touching a pixel: losses need it before the crop is made.
  public func label(after label: Label, seed: UInt64, epoch: Int, item: Int, blends: Bool? = nil) -> Label {
    let turns = steps.indices.contains { index in
      type(of: steps[index].augmentation).makesFakes
        && generator(of: index, for: label, seed: seed, epoch: epoch, item: item, blends: blends) != nil
    }
    return turns ? .fake : label
  }

  /// The random numbers of a step for a crop; nil when the crop does not go through it.
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
