import Datasets
import Imaging
import Models

/// The crops of a training run by part of the split, and how they become network input.
struct TrainingData: Sendable {
  let set: CropSet
  let split: Split
  let train: [Int]
  let validation: [Int]
  let testCount: Int
  let start: TrainingStart
  /// The model that the new one is averaged with; nil for none.
  let partner: LoadedModel?
  /// Fakes that a generator makes of real crops; nil for none.
  let generated: GeneratedFakes?
  private let augmentation: AugmentationChain
  private let order: BatchOrder
  private let seed: UInt64

  /// - Throws: `DatasetsError` for leakage, `WorkflowError` when a part lacks a class or a model cannot be used.
  init(_ options: TrainOptions) throws {
    set = try CropSet(folder: options.crops)
    let smallest = NetworkCatalog.smallestInput
    guard set.header.size >= smallest else {
      throw WorkflowError.input(
        path: options.crops,
        why: "its crops have \(set.header.size) pixels, networks take \(smallest) and more: use assay crops --size")
    }
    start = try TrainingStart(options, inputSize: set.header.size)
    if let size = start.size, size != set.header.size {
      throw WorkflowError.input(
        path: options.crops,
        why:
          "its crops have \(set.header.size) pixels, the model to start from takes \(size): use assay crops --size \(size)"
      )
    }
    partner = try options.partner.map { try loadModel(at: $0) }
    let items = set.items
    let given = options.resume ? options.splitPath : options.givenSplit
    let split = try options.split ?? given.map(SourceExposure.split(named:)) ?? Split.make(items, seed: options.seed)
    let methods = Set(items.map(\.method))
    if let unknown = options.leftOut.first(where: { !methods.contains($0) }) {
      throw WorkflowError.settings(
        "there is no manipulation '\(unknown)' in \(options.crops); there are \(methods.sorted().joined(separator: ", "))"
      )
    }
    self.split = split
    func seen(_ part: Part) -> [Int] {
      split.indices(of: part, in: items).filter { !options.leftOut.contains(items[$0].method) }
    }
    train = options.chosen?.train ?? seen(.train)
    validation = options.chosen?.validation ?? seen(.validation)
    testCount = split.indices(of: .test, in: items).count
    // Real crops alone are enough where some of them are shown as fakes.
    let makesFakes = options.selfBlending > 0 || options.gan != nil
    for (part, indices) in [("training", train), ("validation", validation)] {
      let labels = Set(indices.map { items[$0].label })
      guard labels.count == 2 || part == "training" && makesFakes && labels == [.real] else {
        throw WorkflowError.input(path: options.crops, why: "the \(part) part of the split lacks real or fake crops")
      }
    }
    generated = try options.gan.map {
      try GeneratedFakes(path: $0, share: Double(options.ganShare), seed: options.seed)
    }
    try generated?.check(against: split)
    augmentation = .footage(
      strength: Double(options.augmentation), blendedShare: Double(options.selfBlending))
    // A crop that has become a generated fake is not blended with itself.
    let blended = 1 - (1 - Double(options.selfBlending)) * (1 - (generated?.share ?? 0))
    order = BatchOrder(
      labels: items.map(\.label), indices: train, balance: .equal(blendedShare: blended), seed: options.seed)
    seed = options.seed
  }

  /// The order of an epoch, the same for the same seed; real and fake crops come equally often.
  func order(epoch: Int) -> [Int] { order.epoch(epoch) }

  /// 1 for a fake crop.
  func label(_ index: Int) -> Float { set.records[index].item.label == .fake ? 1 : 0 }

  /// 1 for a crop that is fake once it is augmented.
  func augmentedLabel(_ index: Int, epoch: Int) -> Float {
    let label = generatedLabel(index, epoch: epoch)
    return augmentation.label(after: label, seed: seed, epoch: epoch, item: index) == .fake ? 1 : 0
  }

  /// Whether a crop becomes a fake by being blended with itself in this epoch.
  func isSelfBlended(_ index: Int, epoch: Int) -> Bool {
    generatedLabel(index, epoch: epoch) == .real && augmentedLabel(index, epoch: epoch) == 1
  }

  /// A crop's label behind the generator.
  private func generatedLabel(_ index: Int, epoch: Int) -> Label {
    let label = set.records[index].item.label
    return generated?.turns(label, epoch: epoch, item: index) == true ? .fake : label
  }

  /// Writes a crop as it is.
  func write(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) {
    set.withPixels(at: index) { pixels in
      pixels.withUnsafeBufferPointer { start.preprocessing.write($0, into: input) }
    }
  }

  /// Writes a crop with the augmentations that are its own in this epoch.
  ///
  /// - Parameter variant: another number blends a self-blended fake in another way.
  func writeAugmented(
    _ index: Int, epoch: Int, variant: Int = 0, into input: UnsafeMutableBufferPointer<Float>
  ) {
    var crop = set.frame(at: index)
    let label = generatedLabel(index, epoch: epoch)
    if let generated, label != set.records[index].item.label {
      crop = generated.fake(of: crop, epoch: epoch, item: index)
    }
    let changed = augmentation.apply(
      to: crop, label: label, seed: seed, epoch: epoch, item: index, variant: variant)
    start.preprocessing.write(changed.crop.pixels, into: input)
  }
}

extension AugmentationChain {
  /// The standard chain with video compression in it, in front of the last step, which covers parts of the face.
  static func footage(strength: Double, blendedShare: Double) -> AugmentationChain {
    var chain = AugmentationChain.standard(strength: strength, blendedShare: blendedShare)
    chain.steps.insert(Step(H264Compression(strength: strength), probability: 0.3), at: chain.steps.count - 1)
    return chain
  }
}
