import Compute
import Decoder
import Files
import Foundation
import Imaging
import Media
import Models
import NeuralNet
import Runs

/// Monitors a generator during training: writes a sheet of samples and measures their diversity and the discriminator's
/// overfitting.
final class GANLooker {
  /// Number of pictures per sheet, and of crops they are compared with.
  static let pictures = 64
  private static let columns = 8

  private let sampler: FaceSampler
  private let judge: Executor
  private let seed: UInt64
  private let folder: String
  private let training: [Frame]
  private let heldOut: [Frame]
  private let realDistance: Double

  init(_ trainer: AdversarialTrainer, data: GANData, options: GANOptions) throws {
    sampler = try FaceSampler(trainer.averagedGenerator, batch: 16)
    judge = try Executor(trainer.discriminator, batch: 16, use: .inference)
    seed = options.seed
    folder = options.sheetsPath
    training = GANData.some(Self.pictures, of: data.training).map(data.picture)
    heldOut = GANData.some(Self.pictures, of: data.heldOut).map(data.picture)
    realDistance = PictureDiversity.meanDistance(training)
    guard realDistance > 0 else {
      throw WorkflowError.input(path: options.crops, why: "its real crops of the training part are identical")
    }
  }

  /// - Parameter trainer: trainer after `step` steps.
  /// - Throws: `WorkflowError.output` when the sheet cannot be written.
  func look(_ trainer: AdversarialTrainer, means: GANInterval, seconds: Double) throws -> GANLook {
    try sampler.load(trainer.average.tensors)
    let made = try sampler.pictures(Array(0..<Self.pictures), seed: seed)
    try write(made, step: trainer.stepsDone)
    try judge.load(trainer.judgingDiscriminator.parameters)
    let count = Double(max(means.steps, 1))
    return GANLook(
      step: trainer.stepsDone, discriminatorLoss: means.discriminatorLoss / count,
      generatorLoss: means.generatorLoss / count, realRecognised: means.realRecognised / count,
      generatedRecognised: means.generatedRecognised / count,
      diversity: PictureDiversity.meanDistance(made) / realDistance,
      overfitting: Self.overfitting(
        known: try logits(training), unseen: try logits(heldOut), generated: try logits(made)),
      seconds: seconds)
  }

  /// Position of the mean logit of held-out crops between training crops (0) and generated pictures (1).
  ///
  /// - Returns: nil without held-out crops, or if the means of training crops and generated pictures differ by less
  ///   than two standard errors.
  static func overfitting(known: [Double], unseen: [Double], generated: [Double]) -> Double? {
    guard !known.isEmpty, !unseen.isEmpty, !generated.isEmpty else { return nil }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func squaredError(_ values: [Double]) -> Double {
      let centre = mean(values)
      return values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count * values.count)
    }
    let way = mean(known) - mean(generated)
    guard way > 2 * (squaredError(known) + squaredError(generated)).squareRoot() else { return nil }
    return (mean(known) - mean(unseen)) / way
  }

  private func logits(_ pictures: [Frame]) throws -> [Double] {
    var logits: [Double] = []
    try judge.forEachBatch(of: pictures.count) { index, target in
      GANModel.preprocessing.write(pictures[index].pixels, into: target)
    } _: { _, output in
      logits += output.values.map(Double.init)
    }
    return logits
  }

  private func write(_ pictures: [Frame], step: Int) throws {
    let path = folder + String(format: "/step-%06d.png", step)
    try makeOutputFolder(folder)
    try writeOutput(try encodePNG(.sheet(pictures, columns: Self.columns)), to: path)
  }
}
