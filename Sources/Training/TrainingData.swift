package import Datasets
import Decoder
import Imaging
import Metrics
import Models
import Runs
package import Scoring

/// The crops of a training run by part of the split, and their conversion to network input.
package struct TrainingData: Sendable {
  package let set: CropSet
  package let split: Split
  package let train: [Int]
  package let validation: [Int]
  let testCount: Int
  package let start: TrainingStart
  /// Model to average the new one with, if any.
  package let partner: LoadedModel?
  /// Source of generated fakes, if any.
  package let generated: GeneratedFakes?
  private let augmentation: AugmentationChain
  private let order: Order
  /// Samples per epoch.
  let epochLength: Int
  private let seed: UInt64

  private enum Order: Sendable {
    case balanced(BatchOrder)
    case pairs(PairOrder)
  }

  /// - Throws: `DatasetsError` for leakage, `WorkflowError` when a part lacks a class or a model cannot be used.
  package init(_ options: TrainOptions) throws {
    set = try Self.view(of: CropSet(folder: options.crops), options)
    let smallest = NetworkCatalog.smallestInput
    guard set.header.size >= smallest else {
      throw WorkflowError.input(
        path: options.crops,
        why: "its crops have \(set.header.size) pixels, networks take \(smallest) or more: use assay crops --size")
    }
    start = try TrainingStart(options, inputSize: set.header.size)
    partner = try options.partner.map { try loadModel(at: $0) }
    let items = set.items
    let given = options.resume ? options.splitPath : options.givenSplit
    let split =
      try options.split ?? given.map(SourceExposure.split(named:))
      ?? Split.make(
        items, fractions: options.splitFractions, seed: options.seed)
    let methods = Set(items.map(\.method))
    if let unknown = options.leftOut.first(where: { !methods.contains($0) }) {
      throw WorkflowError.usage(
        "unknown manipulation '\(unknown)' in \(options.crops); there are \(methods.sorted().joined(separator: ", "))"
      )
    }
    self.split = split
    func seen(_ part: Part) -> [Int] {
      split.indices(of: part, in: items).filter { !options.leftOut.contains(items[$0].method) }
    }
    train = options.chosen?.train ?? seen(.train)
    validation = options.chosen?.validation ?? seen(.validation)
    testCount = split.indices(of: .test, in: items).count
    // Real crops suffice if some of them become fakes.
    let makesFakes = options.selfBlending > 0 || options.gan != nil
    for (part, indices) in [("training", train), ("validation", validation)] {
      let labels = Set(indices.map { items[$0].label })
      guard labels.count == 2 || part == "training" && makesFakes && labels == [.real] else {
        throw WorkflowError.input(
          path: options.crops,
          why:
            "the \(part) part of the split lacks real or fake crops: it has \(Split.count(indices, of: items)). A part "
            + "needs both: add sources of the class that is missing (a source is never divided), change --split-fractions, "
            + "name another split with --split, or correct the parts that the data set prescribes")
      }
    }
    generated = try options.gan.map {
      try GeneratedFakes(path: $0, fraction: Double(options.ganFraction), seed: options.seed)
    }
    try generated?.check(against: split)
    augmentation = .footage(
      strength: Double(options.augmentation), blendedFraction: Double(options.selfBlending), view: set.view)
    epochLength = options.epochCrops ?? train.count
    if let mix = options.pairs {
      order = .pairs(
        try PairOrder(
          items: items, indices: train, mix: mix, blendedFraction: Double(options.selfBlending), seed: options.seed))
    } else {
      // A crop replaced by a generated fake is not self-blended.
      let blended = 1 - (1 - Double(options.selfBlending)) * (1 - (generated?.fraction ?? 0))
      order = .balanced(
        BatchOrder(
          labels: items.map(\.label), indices: train, balance: .equal(blendedFraction: blended), length: epochLength,
          seed: options.seed))
    }
    seed = options.seed
  }

  /// Samples of an epoch, determined by the seed; real and fake ones are equally frequent.
  package func order(epoch: Int) -> [TrainingDraw] {
    switch order {
    case .balanced(let order): order.epoch(epoch).map { TrainingDraw($0) }
    case .pairs(let order): order.epoch(epoch, pairs: epochLength / 2)
    }
  }

  /// The crops at the network's size and framing: as given, else those of the model that training starts from, else the
  /// architecture's size and the set's framing; never larger than stored.
  private static func view(of stored: CropSet, _ options: TrainOptions) throws -> CropSet {
    let crops = stored.header.crops
    let origin = try options.from.map { try loadModel(at: $0).detector.cropSettings }
    var framing = crops.framing
    if let margin = options.inputMargin { framing.margin = margin }
    if let size = options.inputSize { return try stored.viewed(size: size, framing: framing) }
    if options.takesStoredCrops { return try stored.viewed(size: crops.size, framing: framing) }
    // An unknown network is an error of the start.
    let own = origin?.size ?? (try? NetworkName(options.network).design().inputSize)
    let size = min(own ?? crops.size, crops.size)
    if let origin, options.inputMargin == nil, let view = try? stored.viewed(size: size, framing: origin.framing) {
      return view
    }
    return try stored.viewed(size: size, framing: framing)
  }

  /// The crops of each part, for people, before training.
  var partsLine: String {
    let items = set.items
    let test = split.indices(of: .test, in: items)
    let fixed = items.count { $0.fixedPart != nil }
    let crops = set.header.crops
    return "crops of \(crops.size) pixels, margin \(crops.framing.margin), offset \(crops.framing.offset)\n"
      + "training: \(Split.count(train, of: items))\nvalidation: \(Split.count(validation, of: items))\n"
      + "test (not read): \(Split.count(test, of: items))\n"
      + (fixed > 0 ? "the data prescribes the part of \(counted(fixed, "crops"))\n" : "")
  }

  /// 1 for a fake crop.
  package func label(_ index: Int) -> Float { set.records[index].item.label == .fake ? 1 : 0 }

  /// 1 if the sample is fake after augmentation.
  func augmentedLabel(_ draw: TrainingDraw, epoch: Int) -> Float {
    let label = generatedLabel(draw.crop, epoch: epoch)
    let augmented = augmentation.label(
      after: label, seed: seed, epoch: epoch, item: draw.stream, blends: draw.blends)
    return augmented == .fake ? 1 : 0
  }

  /// Whether a real crop becomes a self-blended fake in this epoch.
  func isSelfBlended(_ draw: TrainingDraw, epoch: Int) -> Bool {
    generatedLabel(draw.crop, epoch: epoch) == .real && augmentedLabel(draw, epoch: epoch) == 1
  }

  /// Label of a crop after generated fakes have been substituted.
  private func generatedLabel(_ index: Int, epoch: Int) -> Label {
    let label = set.records[index].item.label
    return generated?.replaces(label, epoch: epoch, item: index) == true ? .fake : label
  }

  /// Writes an unaugmented crop.
  package func write(_ index: Int, into input: UnsafeMutableBufferPointer<Float>) {
    set.withPixels(at: index) { pixels in
      pixels.withUnsafeBufferPointer { start.preprocessing.write($0, into: input) }
    }
  }

  /// Writes a sample with its augmentations of this epoch.
  ///
  /// - Parameter variant: a different number blends a self-blended fake differently.
  func writeAugmented(
    _ draw: TrainingDraw, epoch: Int, variant: Int = 0, into input: UnsafeMutableBufferPointer<Float>
  ) {
    var crop = set.storedFrame(at: draw.crop)
    let label = generatedLabel(draw.crop, epoch: epoch)
    if let generated, label != set.records[draw.crop].item.label {
      crop = generated.fake(of: crop, epoch: epoch, item: draw.crop)
    }
    let changed = augmentation.apply(
      to: crop, label: label, seed: seed, epoch: epoch, item: draw.stream, variant: variant, blends: draw.blends)
    start.preprocessing.write(changed.crop.pixels, into: input)
  }
}

extension TrainingData {
  /// Data set of each validation crop.
  package var validationDatasets: [String] { validation.map { set.records[$0].item.dataset } }

  /// Mean over data sets of the validation AUC, so that a large data set does not dominate.
  ///
  /// - Parameter logits: logits of the validation crops, in order.
  package func validationAUC(_ logits: [Double]) -> Double {
    let datasets = validationDatasets
    let positions = Dictionary(grouping: validation.indices, by: { datasets[$0] })
    let areas = positions.values.compactMap { positions in
      ThresholdCurve(
        ScoredLabels(scores: positions.map { logits[$0] }, labels: positions.map { label(validation[$0]) == 1 })
      ).auc
    }
    return areas.isEmpty ? 0 : areas.sorted().reduce(0, +) / Double(areas.count)
  }
}

extension AugmentationChain {
  /// The standard chain with video compression inserted before the last step, which occludes parts of the face.
  static func footage(strength: Double, blendedFraction: Double, view: CropView? = nil) -> AugmentationChain {
    var chain = AugmentationChain.standard(strength: strength, blendedFraction: blendedFraction, view: view)
    chain.steps.insert(Step(H264Compression(strength: strength), probability: 0.3), at: chain.steps.count - 1)
    return chain
  }
}
