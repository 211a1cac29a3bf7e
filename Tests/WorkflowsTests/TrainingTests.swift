import Foundation
import Metrics
import Datasets
import Models
import NeuralNet
import TestSupport
import Testing

@testable import Workflows

@Suite("Training")
struct TrainingTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions {
    var options = TrainOptions(crops: crops, output: folder.path(name))
    options.name = name
    options.widths = [4, 4, 4, 4]
    options.hidden = 4
    options.dropout = 0.1
    options.epochs = 3
    options.batch = 8
    options.learningRate = 0.01
    options.augmentation = 0.1
    options.quiet = true
    return options
  }

  @Test("a network learns what is easy, and its model file can be scanned with and measured")
  func learns() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    let options = options("easy", crops: crops)
    let summary = try trainDetector(options)
    #expect(summary.interruptedBy == nil)
    let model = try loadModel(at: options.output)
    #expect(model.detector.card.settings["widths"] == "4,4,4,4")
    #expect(!FileManager.default.fileExists(atPath: options.checkpointPath))

    var measure = EvaluateOptions(crops: crops)
    measure.modelPath = options.output
    measure.resamples = 200
    measure.quiet = true
    measure.budget = ReviewBudget(prevalence: 0.01, videos: 1000, reviews: 20)
    measure.report = folder.path("report")
    let evaluation = try evaluateDetector(measure)
    #expect(evaluation.crops.count == evaluation.crops.fakes * 2)
    let auc = try #require(evaluation.crops.figures.first { $0.name == "AUC" })
    #expect(auc.value > 0.95, "\(evaluation.table)")
    #expect(try JSONSerialization.jsonObject(with: Data(evaluation.json().utf8)) is [String: Any])
    #expect(evaluation.crops.workload?.expectation.found ?? 0 > 8)
    let page = try String(contentsOfFile: folder.path("report/index.html"), encoding: .utf8)
    #expect(page.contains("By crop") && page.components(separatedBy: "<figure>").count > 5)
    for plot in ["roc", "precision-recall", "calibration", "scores"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("report/crops-\(plot).svg")))
    }
  }

  @Test("an interrupted run leaves a checkpoint from which the same model comes out")
  func resumes() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    let whole = options("whole", crops: crops)
    _ = try trainDetector(whole)

    var parts = options("parts", crops: crops)
    let data = try TrainingData(parts)
    try data.split.write(to: parts.splitPath)
    let interruption = Interruption()
    var run = try TrainingRun(parts, data: data)
    let progress = ProgressLine(unit: "steps", quiet: true)
    run.afterStep = { if $0 == 4 { interruption.receive(SIGINT) } }
    try run.run(interruption, progress: progress)
    #expect(!run.isComplete)
    #expect(!FileManager.default.fileExists(atPath: parts.output))

    parts.resume = true
    _ = try trainDetector(parts)
    let first = try loadModel(at: whole.output).detector
    let second = try loadModel(at: parts.output).detector
    #expect(first.network.parameters == second.network.parameters)
    #expect(first.calibration == second.calibration)
  }

  @Test("other settings than the checkpoint's are refused by name")
  func otherSettings() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    var options = options("other", crops: crops)
    let data = try TrainingData(options)
    try data.split.write(to: options.splitPath)
    try TrainingRun(options, data: data).saveCheckpoint()
    options.resume = true
    options.learningRate = 0.5
    let error = #expect(throws: WorkflowError.self) { try TrainingRun(options, data: data) }
    #expect(error?.description.contains("--learning-rate 0.01") == true)
  }

  @Test("too few sources to divide are an error that names the part")
  func tooFew() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 1)
    let error = #expect(throws: WorkflowError.self) { try TrainingData(options("few", crops: crops)) }
    #expect(error?.description.contains("lacks real or fake crops") == true)
  }
}
