import Compute
import Datasets
import Foundation
import Imaging
import Metrics
import Models
import NeuralNet
import TestSupport
import Testing
import TrainingSupport
import Verdicts

@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Ensembles")
struct EnsembleTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions { .small(name, crops: crops, in: folder) }

  @Test("an ensemble averages its members' calibrated logits, and can be calibrated itself")
  func ensemble() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    let first = options("first", crops: crops)
    var second = options("second", crops: crops)
    second.network = "paper-cnn+residual"
    _ = try trainDetector(first)
    _ = try trainDetector(second)
    var both = EnsembleOptions(members: [first.output, second.output], output: folder.path("both.safetensors"))
    both.name = "both"
    _ = try makeEnsemble(both)
    func logits(_ path: String) throws -> [Double] {
      let set = try CropSet(folder: crops)
      let model = try loadModel(at: path).detector
      return try scoreCrops(
        Array(set.records.indices), of: set, network: model.network, preprocessing: model.preprocessing, batch: 8
      ).map { model.calibration.scale * $0 + model.calibration.offset }
    }
    let (one, other, mean) = (try logits(first.output), try logits(second.output), try logits(both.output))
    for index in mean.indices {
      let expected = (one[index] + other[index]) / 2
      #expect(abs(mean[index] - expected) < 1e-4 * max(1, abs(expected)))
    }
    var measure = EvaluateOptions(data: crops)
    measure.modelPath = both.output
    measure.splitPath = first.splitPath
    measure.resamples = 100
    measure.quiet = true
    measure.calibrates = true
    _ = try evaluateDetector(measure)
    let fitted = try loadModel(at: both.output).detector
    #expect(fitted.calibration != Calibration.identity)
    // Where one in ten is fake, the same crops are called so, by scores that are lower.
    let decided = try evaluateDetector(measure).crops.decisions.map(\.confusion)
    measure.assumedPrevalence = 0.1
    #expect(try evaluateDetector(measure).crops.decisions.map(\.confusion) == decided)
    let rare = try loadModel(at: both.output).detector
    #expect(rare.calibration.scale == fitted.calibration.scale)
    #expect(abs(rare.calibration.offset - fitted.calibration.offset - log(0.1 / 0.9)) < 1e-9)
    #expect(rare.thresholds.real < fitted.thresholds.real)
    both.members = [first.output]
    #expect(throws: WorkflowError.self) { try makeEnsemble(both) }
  }

  @Test("weights of models of one network are averaged, tensor by tensor, and other networks are refused")
  func averages() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    let first = options("first", crops: crops)
    var second = options("second", crops: crops)
    second.from = first.output
    var other = options("other", crops: crops)
    other.network = "paper-cnn+residual"
    for options in [first, second, other] { _ = try trainDetector(options) }
    var average = AverageOptions(members: [first.output, second.output], output: folder.path("average.safetensors"))
    average.name = "average"
    average.weights = [1, 3]
    let text = try averageModels(average)
    #expect(text.contains("0.25 of first (") && text.contains("0.75 of second ("), "\(text)")
    let (one, two, mean) = (
      try loadModel(at: first.output).detector, try loadModel(at: second.output).detector,
      try loadModel(at: average.output).detector
    )
    var changed = 0
    for (name, tensor) in mean.network.parameters {
      let (a, b) = (try #require(one.network.parameters[name]), try #require(two.network.parameters[name]))
      for index in 0..<tensor.count {
        #expect(abs(tensor[index] - (0.25 * a[index] + 0.75 * b[index])) < 1e-5 * max(1, abs(tensor[index])))
        if a[index] != b[index] { changed += 1 }
      }
    }
    #expect(changed > 0 && mean.calibration == Calibration.identity)
    average.members = [first.output, other.output]
    #expect(throws: WorkflowError.self) { try averageModels(average) }
    average.members = [first.output, second.output]
    average.weights = [1, 0]
    #expect(throws: WorkflowError.self) { try averageModels(average) }
  }

  @Test("a new model is averaged with one of another input size, and the ensemble is calibrated")
  func trainsBesideAnother() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 64)
    let coarse = ScratchFolder()
    let partner = options("partner", crops: try SmallCropSet.make(in: coarse, sources: 20, size: 48))
    _ = try trainDetector(partner)
    var alone = options("alone", crops: crops)
    alone.limits = "Knows drawn squares."
    _ = try trainDetector(alone)
    var pair = alone
    pair.output = folder.path("pair.safetensors")
    pair.partner = partner.output
    _ = try trainDetector(pair)
    let (one, both) = (try loadModel(at: alone.output).detector, try loadModel(at: pair.output).detector)
    #expect(both.cropSettings.size == 64)
    #expect(both.card.limits == "Knows drawn squares.")
    #expect(both.card.settings["member1.ensemble-with"] == partner.output)
    #expect(both.network.parameterCount > one.network.parameterCount)
    #expect(both.calibration != Calibration.identity)
    #expect(both.card.validation.contains { $0.name == "AUC" && $0.value > 0.9 })
    // Other preprocessing means other crops: no mean of the two would make sense.
    var other = one
    other.preprocessing.mean[0] = 0.4
    #expect(throws: WorkflowError.self) { try DetectorModel(ensemble: [one, other], name: "", limits: nil) }
  }
}
