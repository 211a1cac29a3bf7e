import Compute
import Foundation
public import NeuralNet

/// A trained generator with its discriminator, and what one must know about them: the content of a model file that
/// `assay gan train` writes.
public struct GANModel: Sendable {
  public var name: String
  /// `[latent]` to `[3, size, size]` pictures in -1…1; with averaged weights.
  public var generator: Network
  /// Pictures to one logit, positive for real; its weights are divided by what they were divided by in training.
  public var discriminator: Network
  /// How the crops were made that it learnt from.
  public var cropContract: CropContract
  public var card: ModelCard
  /// Sources of the crops that it learnt from: whoever measures with its pictures must keep to others.
  public var trainingGroups: [String]
  /// What was noticed in training, such as a collapse; empty for nothing.
  public var findings: [String]
  /// What the discriminator answered to the generator's picture of a latent that everybody can make again.
  public private(set) var golden: DetectorModel.Golden

  /// Pixels of both networks: -1 is black, 1 is white.
  public static let preprocessing = Preprocessing(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])

  private static let goldenSeed: UInt64 = 20_140_610

  /// - Throws: `ModelsError.network` when the two networks cannot be run or do not fit each other.
  public init(
    name: String, generator: Network, discriminator: Network, cropContract: CropContract, card: ModelCard,
    trainingGroups: [String], findings: [String] = []
  ) throws(ModelsError) {
    self.init(
      name: name, generator: generator, discriminator: discriminator, cropContract: cropContract, card: card,
      trainingGroups: trainingGroups, findings: findings,
      golden: DetectorModel.Golden(seed: Self.goldenSeed, logit: 0))
    try checkNetworks()
    golden.logit = try goldenOutput()
    guard golden.logit.isFinite else { throw .network("its output for a random latent is not a number") }
  }

  init(
    name: String, generator: Network, discriminator: Network, cropContract: CropContract, card: ModelCard,
    trainingGroups: [String], findings: [String], golden: DetectorModel.Golden
  ) {
    self.name = name
    self.generator = generator
    self.discriminator = discriminator
    self.cropContract = cropContract
    self.card = card
    self.trainingGroups = trainingGroups
    self.findings = findings
    self.golden = golden
  }

  /// Side of the pictures.
  public var size: Int { cropContract.size }

  /// - Throws: `ModelsError.goldenOutput` when this machine does not reproduce the output in the file.
  public func verifyGoldenOutput() throws(ModelsError) {
    try golden.verify(try goldenOutput())
  }

  private func goldenOutput() throws(ModelsError) -> Float {
    do {
      let maker = try Executor(generator, batch: 1, use: .inference)
      var random = SeededGenerator(seed: golden.seed)
      let picture = try maker.infer(.normal(Shape([1] + generator.inputShape.extents), using: &random))
      return try Executor(discriminator, batch: 1, use: .inference).infer(picture)[0]
    } catch {
      throw .network("\(error)")
    }
  }

  /// - Throws: `ModelsError.network` unless the generator makes what the discriminator takes.
  func checkNetworks() throws(ModelsError) {
    guard AdversarialCatalog.sizes.contains(size), discriminator.inputShape == [3, size, size] else {
      throw .network("pictures of \(size) pixels do not fit the discriminator's input \(discriminator.inputShape)")
    }
    do {
      let made = try generator.shapes(batch: 1)[generator.outputs[0]]
      let judged = try discriminator.shapes(batch: 1)[discriminator.outputs[0]]
      guard generator.inputShape.rank == 1, made == [1, 3, size, size], judged == [1, 1] else {
        throw ModelsError.network("its generator and discriminator do not fit each other")
      }
    } catch let error as ModelsError {
      throw error
    } catch {
      throw .network("\(error)")
    }
  }
}
