import Compute
import Foundation
public import Imaging
public import NeuralNet

/// A trained generator with its discriminator and metadata: the content of a model file written by
/// `assay gan train`.
public struct GANModel: Sendable {
  public var name: String
  /// `[latent]` to `[3, size, size]` pictures in -1…1; with averaged weights.
  public var generator: Network
  /// Pictures to one logit, positive for real; its weights are spectrally normalised if they were in training.
  public var discriminator: Network
  /// Face-crop settings of the training data.
  public var cropSettings: FaceCropSettings
  public var card: ModelCard
  /// Sources of the training crops: measurements with its pictures must use other sources.
  public var trainingGroups: [String]
  /// Problems noticed in training, such as a collapse; empty for none.
  public var findings: [String]
  /// The discriminator's output for the generator's picture of a reproducible latent.
  public private(set) var golden: DetectorModel.Golden

  /// Pixels of both networks: -1 is black, 1 is white.
  public static let preprocessing = Preprocessing(mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])

  private static let goldenSeed: UInt64 = 20_140_610

  /// - Throws: `ModelsError.network` when the two networks cannot be run or are incompatible.
  public init(
    name: String, generator: Network, discriminator: Network, cropSettings: FaceCropSettings, card: ModelCard,
    trainingGroups: [String], findings: [String] = []
  ) throws(ModelsError) {
    self.init(
      name: name, generator: generator, discriminator: discriminator, cropSettings: cropSettings, card: card,
      trainingGroups: trainingGroups, findings: findings,
      golden: DetectorModel.Golden(seed: Self.goldenSeed, logit: 0))
    try checkNetworks()
    golden.logit = try goldenOutput()
    guard golden.logit.isFinite else { throw .network("its output for a random latent is not finite") }
  }

  init(
    name: String, generator: Network, discriminator: Network, cropSettings: FaceCropSettings, card: ModelCard,
    trainingGroups: [String], findings: [String], golden: DetectorModel.Golden
  ) {
    self.name = name
    self.generator = generator
    self.discriminator = discriminator
    self.cropSettings = cropSettings
    self.card = card
    self.trainingGroups = trainingGroups
    self.findings = findings
    self.golden = golden
  }

  /// Side of the pictures.
  public var size: Int { cropSettings.size }

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

  /// - Throws: `ModelsError.network` unless the generator's output is the discriminator's input.
  func checkNetworks() throws(ModelsError) {
    guard AdversarialCatalog.sizes.contains(size), discriminator.inputShape == [3, size, size] else {
      throw .network("pictures of \(size) pixels do not fit the discriminator's input \(discriminator.inputShape)")
    }
    do {
      let made = try generator.shapes(batch: 1)[generator.outputs[0]]
      let judged = try discriminator.shapes(batch: 1)[discriminator.outputs[0]]
      guard generator.inputShape.rank == 1, made == [1, 3, size, size], judged == [1, 1] else {
        throw ModelsError.network("its generator and discriminator are incompatible")
      }
    } catch let error as ModelsError {
      throw error
    } catch {
      throw .network("\(error)")
    }
  }
}
