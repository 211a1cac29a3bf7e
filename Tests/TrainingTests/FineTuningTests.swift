import Compute
import Datasets
import Foundation
import Imaging
import Metrics
import Models
import NeuralNet
import Safetensors
import TestSupport
import Testing
import TrainingSupport
import Verdicts

@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Training from a model or from weights")
struct FineTuningTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions { .small(name, crops: crops, in: folder) }

  @Test("fine-tuning starts from a model file with its weights and preprocessing")
  func fromModel() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var options = options("base", crops: crops)
    _ = try trainDetector(options)
    var base = try loadModel(at: options.output).detector
    base.preprocessing = Preprocessing(mean: [0.49, 0.5, 0.51], standardDeviation: [0.25, 0.25, 0.26])
    base = try DetectorModel(
      name: "base", network: base.network, preprocessing: base.preprocessing, cropSettings: base.cropSettings,
      card: base.card)
    try base.write(to: options.output)

    options.from = options.output
    options.output = folder.path("tuned")
    options.widths = [8, 8, 8, 8]
    options.epochs = 1
    options.optimisation.learningRate = 1e-6
    _ = try trainDetector(options)
    let tuned = try loadModel(at: options.output).detector
    #expect(tuned.preprocessing == base.preprocessing)
    #expect(tuned.card.trainingData.hasPrefix("started from base ("))
    #expect(tuned.card.settings["widths"] == nil)
    for (name, before) in base.network.parameters where name.hasPrefix("conv") {
      let after = try #require(tuned.network.parameters[name])
      #expect(after != before)
      #expect(zip(after.values, before.values).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    let other = ScratchFolder()
    options.crops = try SmallCropSet.make(in: other, sources: 20, size: 64)
    // Larger crops are cut at the model's own size, unless another one is asked for, which this network cannot take.
    #expect(try TrainingData(options).set.header.size == 48)
    options.inputSize = 64
    let error = #expect(throws: WorkflowError.self) { try trainDetector(options) }
    #expect(error.map { "\($0)".contains("takes crops of 48 pixels only") } == true)
  }

  @Test("a convolutional network is fine-tuned at another size; weights of an architecture are imported by name")
  func importedWeights() throws {
    var design = try #require(NetworkCatalog["efficientnet-lite0"]).design
    design.inputSize = 64
    design.classes = 10
    var tensors = design.network(seed: 3).parameters
    let file = folder.path("weights.safetensors")
    try SafetensorsFile(tensors: tensors, metadata: ["origin": "drawn weights", "licence": "CC0-1.0", "sources": ""])
      .write(to: file)
    var take = ImportOptions(input: file, output: folder.path("base.safetensors"))
    take.architecture = "efficientnet-lite0"
    take.size = 64
    take.name = "drawn base"
    #expect(try importModel(take).contains("classifier.1.weight"))
    let base = try loadModel(at: take.output).detector
    #expect(base.card.sources == [:])
    #expect(base.card.licence == "CC0-1.0" && base.card.trainingData == "drawn weights")
    let stem = "features.0.weight"
    #expect(base.network.parameters[stem] == tensors[stem])

    var options = options("tuned", crops: try SmallCropSet.make(in: folder, sources: 20, size: 32))
    options.from = take.output
    let data = try TrainingData(options)
    #expect(data.start.network.inputShape == [3, 32, 32])
    #expect(data.start.network.parameters == base.network.parameters)
    let tuned = try detectorModel(options, data: data, network: data.start.network, fit: nil)
    #expect(tuned.cropSettings.size == 32 && tuned.card.sources?.count == data.split.parts.count)
    #expect(tuned.card.licence.contains("CC0-1.0") && tuned.card.trainingData.contains("drawn weights"))
    // A second stage adds nothing to it.
    #expect(ModelCard.licence(startedFrom: tuned.card) == tuned.card.licence)
    #expect(!ModelCard.licence(startedFrom: nil).contains("Initial weights"))

    tensors["features.3.1.depthwise.weight"] = nil
    try SafetensorsFile(tensors: tensors).write(to: file)
    let error = #expect(throws: WorkflowError.self) { try importModel(take) }
    #expect(error.map { "\($0)".contains("features.3.1.depthwise.weight") } == true)
  }

  @Test(
    "a built-in model can be evaluated, but not changed",
    arguments: [("builtin", 160), ("standard", 160), ("paper", 256)])
  func builtInIsKept(_ name: String, _ size: Int) throws {
    let crops = try SmallCropSet.make(in: folder, sources: 6, size: size)
    var measure = EvaluateOptions(data: crops)
    measure.modelPath = name
    measure.part = .all
    measure.resamples = 100
    measure.quiet = true
    #expect(try ["standard", name].contains(evaluateDetector(measure).model))
    measure.calibrates = true
    let error = #expect(throws: WorkflowError.self) { try evaluateDetector(measure) }
    #expect(error.map { "\($0)".contains("cannot be changed") } == true)
  }
}
