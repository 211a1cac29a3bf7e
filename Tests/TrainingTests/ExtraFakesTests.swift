import Compute
import Datasets
import Foundation
import Imaging
import Models
import NeuralNet
import TestSupport
import Testing
import TrainingSupport

@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Additional fakes for training")
struct ExtraFakesTests {
  private let folder = ScratchFolder()

  /// A generator with random weights that says it learnt from these sources.
  ///
  /// - Parameter gain: of the weights, which are so short that pictures are all but grey.
  private func generator(_ name: String, groups: [String], gain: Float = 1) throws -> String {
    var design = SpectralGAN()
    (design.size, design.width, design.latent) = (16, 8, 8)
    var network = design.generator(seed: 1)
    for (name, weight) in network.parameters where name.hasSuffix(".weight") {
      network.parameters[name] = weight.map { gain * $0 }
    }
    let model = try GANModel(
      name: name, generator: network, discriminator: design.discriminator(seed: 1),
      cropSettings: FaceCropSettings(detector: "standard", size: 16),
      card: ModelCard(trainingData: "none", intendedUse: "tests", limits: "all", licence: "none"),
      trainingGroups: groups)
    let path = folder.path(name)
    try model.write(to: path)
    return path
  }

  private func crop(_ value: UInt8 = 90) -> Frame {
    Frame(width: 48, height: 48, pixels: [UInt8](repeating: value, count: 48 * 48 * 3))
  }

  @Test("generated fakes replace the given fraction of real crops only, and are seeded")
  func drawing() throws {
    let path = try generator("faces", groups: [], gain: 20)
    func fakes(_ seed: UInt64) throws -> GeneratedFakes { try GeneratedFakes(path: path, fraction: 0.3, seed: seed) }
    let first = try fakes(1)
    let replaced = (0..<1000).filter { first.replaces(.real, epoch: 0, item: $0) }
    #expect((240...360).contains(replaced.count))
    #expect(!(0..<1000).contains { first.replaces(.fake, epoch: 0, item: $0) })
    #expect((0..<1000).filter { first.replaces(.real, epoch: 1, item: $0) } != replaced)
    let pictures = replaced.prefix(20).map { first.fake(of: crop(), epoch: 0, item: $0) }
    #expect(pictures == (try replaced.prefix(20).map { try fakes(1).fake(of: crop(), epoch: 0, item: $0) }))
    #expect(pictures[0] != (try fakes(2).fake(of: crop(), epoch: 0, item: replaced[0])))
    // A region leaves the crop's border as it is, a whole face does not.
    let border = 48 * 3
    let regions = pictures.count { $0.pixels[..<border] == crop().pixels[..<border] }
    #expect((4...16).contains(regions) && pictures.allSatisfy { $0 != crop() })
  }

  @Test("training with generated fakes and adversarial blends resumes identically")
  func resumes() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    let split = try Split.make(try CropSet(folder: crops).items, seed: 1)
    let training = split.parts.filter { $0.value == .train }.keys.sorted()
    func options(_ name: String) throws -> TrainOptions {
      var options = TrainOptions.small(name, crops: crops, in: folder)
      options.gan = try generator("generator", groups: training)
      options.ganFraction = 0.4
      options.selfBlending = 0.3
      options.adversarialBlending = 3
      return options
    }
    let whole = try options("whole")
    _ = try trainDetector(whole)
    var parts = try options("parts")
    let data = try TrainingData(parts)
    try data.split.write(to: parts.splitPath)
    let interruption = Interruption()
    var run = try TrainingRun(parts, data: data)
    run.afterStep = { if $0 == 4 { interruption.receive(SIGINT) } }
    try run.run(interruption, progress: ProgressLine(unit: "steps", quiet: true))
    parts.resume = true
    _ = try trainDetector(parts)
    let (first, second) = (try loadModel(at: whole.output).detector, try loadModel(at: parts.output).detector)
    #expect(first.network.parameters == second.network.parameters)
    #expect(first.card.settings["gan-share"] == "0.4" && first.card.settings["adversarial-blending"] == "3")

    // As many real crops as fakes are left of those that are drawn, and labels follow what is shown.
    let order = data.order(epoch: 0)
    let labels = order.map { data.augmentedLabel($0, epoch: 0) }
    let shown = order.filter { data.label($0.crop) == 0 }
    let made = shown.count { data.generated?.replaces(.real, epoch: 0, item: $0.crop) == true }
    let blended = shown.count { data.isSelfBlended($0, epoch: 0) }
    #expect(made > 0 && blended > 0)
    #expect(labels.count { $0 == 1 } == order.count - shown.count + made + blended)
  }

  @Test("a generator trained on sources of another part is refused")
  func leakage() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    let split = try Split.make(try CropSet(folder: crops).items, seed: 1)
    var options = TrainOptions.small("leaky", crops: crops, in: folder)
    let unseen = try #require(split.parts.first { $0.value == .test }?.key)
    options.gan = try generator("leaky-generator", groups: [unseen])
    let error = #expect(throws: WorkflowError.self) { try TrainingData(options) }
    #expect(error.map { "\($0)".contains(unseen) && "\($0)".contains("--split") } == true)
  }

  @Test("a kernel is fitted to the draw that a first kernel, on the original crops, scores most real")
  func hardestForKernel() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 64, smoothFakes: true)
    var options = TrainOptions(crops: crops, output: folder.path("kernel.safetensors"))
    options.network = "residual-cooccurrence"
    options.selfBlending = 0.6
    options.augmentation = 0.2
    let data = try TrainingData(options)
    let design = try #require(try NetworkName(options.network).design() as? any StatisticsDesign)
    var sized = design
    sized.inputSize = 64
    let measure = StatisticsMeasure(network: sized.statistics(), data: data, options: options)
    let progress = ProgressLine(unit: "crops", quiet: true)
    var statistics = try CropStatistics(data.train, measure, progress: progress)
    let draws = try HardestDraws(3, of: statistics, components: 4)
    try statistics.append(copies: 1, measure, draws: draws, progress: progress)
    let items = data.train.map { StatisticsMeasure.Item.augmented($0, epoch: 1) }
    let variants = try (0..<3).map { variant in
      try measure.statistics(items.map { $0.drawn(variant) }, progress: progress)
    }
    let values = variants.map(draws.values)
    let shown = statistics.statistics.rows(data.train.count..<statistics.count)
    let found = draws.values(shown)
    let blended = items.indices.filter { measure.isSelfBlended(items[$0]) }
    #expect(blended.count > 2 && blended.contains { values[1][$0] != values[0][$0] })
    for index in items.indices {
      let hardest = blended.contains(index) ? values.map { $0[index] }.min() : values[0][index]
      #expect(abs(found[index] - (hardest ?? .nan)) < 1e-4, "\(index)")
    }
    #expect(statistics.labels.suffix(items.count).elementsEqual(items.map(measure.label)))
  }

  @Test("of several draws, the one that the network scores most real is written")
  func hardest() throws {
    var build = NetworkBuilder(inputShape: [3, 8, 8], seed: 1)
    build.flatten("flat")
    build.append("logit", .linear, ["weight": Tensor([1, 192], repeating: 1)])
    let blending = try AdversarialBlending(draws: 4, network: build.network, workers: 2)
    var target = [Float](repeating: 0, count: 192)
    let values: [Float] = [3, -2, 5, 1]
    try target.withUnsafeMutableBufferPointer { target in
      try blending.write(into: target, worker: 1) { draw, input in input.update(repeating: values[draw]) }
    }
    #expect(target.allSatisfy { $0 == -2 })
  }

  @Test("another variant changes the blending of a fake and nothing else in the chain")
  func variants() {
    let chain = AugmentationChain([
      .init(SelfBlending(strength: 1), probability: 1), .init(HorizontalFlip(strength: 1), probability: 1),
    ])
    var generator = SeededGenerator(seed: 8)
    let crop = Frame(
      width: 32, height: 32, pixels: (0..<3072).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 33) })
    func shown(_ variant: Int, _ label: Label) -> (crop: Frame, label: Label) {
      chain.apply(to: crop, label: label, seed: 1, epoch: 2, item: 3, variant: variant)
    }
    #expect(shown(0, .real).crop == chain.apply(to: crop, label: .real, seed: 1, epoch: 2, item: 3).crop)
    #expect(shown(0, .real).crop != shown(1, .real).crop && shown(1, .real).crop != shown(2, .real).crop)
    #expect(shown(1, .real).crop == shown(1, .real).crop && shown(1, .real).label == .fake)
    #expect(shown(0, .fake).crop == shown(1, .fake).crop)
  }
}
