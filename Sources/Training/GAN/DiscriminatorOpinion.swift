import Compute
import Datasets
import Decoder
import Foundation
import Imaging
import Metrics
import Models
import NeuralNet

/// A classifier on the features that a discriminator has learnt from real faces; Radford et al. 2015 (§5) found that
/// they separate classes. Principal components and a kernel classifier on the discriminator's penultimate-layer
/// features, fitted to the real and fake crops of the training part.
///
/// A regular model file at the generator's size, for use as a second opinion in scans; it can be evaluated and
/// attacked.
struct DiscriminatorOpinion {
  let model: DetectorModel
  private let path: String

  /// Maximum number of crops, subsampled evenly: the kernel system grows with its square.
  private static let most = 2000
  private static let components = 64
  /// Maximum number of features of the layer.
  private static let widest = 16_384

  /// - Returns: nil if the training or validation part lacks fakes or has too few crops.
  init?(_ gan: GANModel, data: GANData, options: GANOptions) throws {
    let items = data.set.items
    let training = GANData.some(Self.most, of: data.split.indices(of: .train, in: items))
    let validation = GANData.some(Self.most, of: data.split.indices(of: .validation, in: items))
    func isFake(_ index: Int) -> Bool { items[index].label == .fake }
    guard Set(training.map(isFake)).count == 2, Set(validation.map(isFake)).count == 2,
      training.count > Self.components
    else { return nil }
    let features = try PictureFeatures(
      of: gan.discriminator, preprocessing: GANModel.preprocessing, most: Self.widest, name: options.output)
    func table(_ indices: [Int]) throws -> Tensor {
      let found = try features.table(indices.map(data.picture), workers: options.workers)
      return Tensor([found.rows, found.width], found.values.map { Float($0) })
    }
    let unseen = try table(validation)
    let truth = validation.map(isFake)
    let search = try KernelSearch(
      training: try table(training), labels: training.map { isFake($0) ? 1 : 0 }, plain: training.count,
      validation: unseen, truth: truth, components: Self.components)
    let logits = search.kernel.values(search.components.components(of: unseen))
    let fit: DetectorFit
    do { fit = try DetectorFit(ScoredLabels(scores: logits.map(Double.init), labels: truth)) } catch {
      // The features do not separate the classes: no second opinion is better than one at chance level.
      return nil
    }
    var model = try DetectorModel(
      name: gan.name + "-opinion",
      network: features.part.classified(by: search.kernel, on: search.components),
      preprocessing: GANModel.preprocessing, cropSettings: gan.cropSettings, calibration: fit.calibration,
      thresholds: fit.thresholds,
      card: ModelCard(
        trainingData:
          "the discriminator of \(gan.name) (\(gan.card.trainingData)); the classifier: \(training.count) crops of the "
          + "training part",
        settings: gan.card.settings, validation: fit.figures,
        intendedUse: "A second opinion in addition to a classifier; not for verdicts.",
        limits: "Sees \(gan.size)×\(gan.size) pixels, and cannot use finer details.",
        licence: gan.card.licence))
    model.card.sources = SourceExposure.parts(of: data.split, joinsValidation: false)
    self.model = model
    path = options.opinionPath
  }

  /// Writes the model, and beside it the split, so that it can be evaluated on the test part.
  func write(split: Split) throws {
    try model.write(to: path)
    try split.write(to: TrainOptions.splitPath(besideModel: path))
  }

  var summary: String {
    model.card.validation.map { String(format: "validation %@ %.3f", $0.name, $0.value) }.joined(separator: ", ")
  }
}
