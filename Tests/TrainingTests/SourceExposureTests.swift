import Compute
import Datasets
import Foundation
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

@Suite("Sources that a model was trained or selected on")
struct SourceExposureTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions { .small(name, crops: crops, in: folder) }

  @Test("a source is identified by its id and by its block")
  func blockNames() throws {
    let video = LabelledItem(
      path: "183_253.mp4", label: .fake, group: "ffpp:253", method: "Deepfakes", dataset: "ffpp",
      kind: .video)
    let block = FaceForensicsBlocks().regrouped([video])[0].group
    #expect(block.hasPrefix("ffpp-train:"))
    func split(_ group: String, _ part: Part) -> Split {
      Split(seed: 1, fractions: .standard, parts: [group: part, "other": .test])
    }
    func card(_ group: String, _ part: Part) -> ModelCard {
      var card = ModelCard(trainingData: "", intendedUse: "", limits: "", licence: "")
      card.sources = [group: part.rawValue]
      return card
    }
    #expect(split(block, .train).part(of: video) == .train && split("ffpp-train:99", .train).part(of: video) == nil)
    #expect(SourceExposure.tooClose(card(block, .train), split("ffpp:253", .test), parts: [.test]) == ["ffpp:253"])
    #expect(SourceExposure.tooClose(card("ffpp:253", .train), split(block, .test), parts: [.test]) == ["ffpp:253"])
    #expect(SourceExposure.tooClose(card(block, .test), split("ffpp:253", .test), parts: [.test]).isEmpty)
  }

  @Test("a model trained on sources of the validation or test part is refused by training, ensembles and evaluation")
  func metBefore() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    let first = options("first", crops: crops)
    _ = try trainDetector(first)
    #expect(try loadModel(at: first.output).detector.card.sources?.count == 20)
    // Another seed is another split: what was training before is kept for the test now.
    var second = options("second", crops: crops)
    second.seed = 2
    second.partner = first.output
    let error = #expect(throws: WorkflowError.self) { try trainDetector(second) }
    #expect(error.map { "\($0)".contains("--split") } == true)
    second.partner = nil
    second.from = first.output
    #expect(throws: WorkflowError.self) { try trainDetector(second) }
    second.from = nil
    _ = try trainDetector(second)
    var measure = EvaluateOptions(data: crops)
    measure.modelPath = first.output
    measure.splitPath = second.splitPath
    measure.quiet = true
    measure.resamples = 100
    #expect(throws: WorkflowError.self) { try evaluateDetector(measure) }
    var both = EnsembleOptions(members: [first.output, second.output], output: folder.path("both.safetensors"))
    both.name = "both"
    _ = try makeEnsemble(both)
    measure.modelPath = both.output
    #expect(throws: WorkflowError.self) { try evaluateDetector(measure) }
    // With the first one's split all is well.
    second.givenSplit = first.output
    second.partner = first.output
    _ = try trainDetector(second)
    measure.modelPath = second.output
    let beside = try evaluateDetector(measure)
    try FileManager.default.removeItem(atPath: second.splitPath)
    measure.splitPath = nil
    #expect(try evaluateDetector(measure).crops.count == beside.crops.count)
    second.givenSplit = nil
    second.allowsLeakage = true
    _ = try trainDetector(second)
  }

  @Test("a model without recorded sources is used with a warning, and so are models derived from it")
  func metUnknown() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var options = options("silent", crops: crops)
    _ = try trainDetector(options)
    let split = try Split(path: options.splitPath)
    func warning(_ model: DetectorModel) throws -> String? {
      try SourceExposure.check(model, split, parts: [.test], purpose: "its test part", remedy: "choose another")
    }
    var silent = try loadModel(at: options.output).detector
    #expect(try warning(silent) == nil)
    silent.card.sources = nil
    let text = try #require(try warning(silent))
    #expect(text.contains("silent does not list its training sources") && text.contains("its test part"))
    try silent.write(to: options.output)
    var measure = EvaluateOptions(data: crops)
    measure.modelPath = options.output
    measure.quiet = true
    measure.resamples = 100
    _ = try evaluateDetector(measure)
    options.partner = options.output
    options.output = folder.path("both")
    _ = try trainDetector(options)
    #expect(try warning(loadModel(at: options.output).detector) != nil)
  }
}
