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

@Suite("Training")
struct TrainingTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions { .small(name, crops: crops, in: folder) }

  @Test("a network learns an easy task, and its model file can be evaluated")
  func learns() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    let options = options("easy", crops: crops)
    let summary = try trainDetector(options)
    #expect(summary.interruptedBy == nil)
    let model = try loadModel(at: options.output)
    #expect(model.detector.card.settings["widths"] == "4,4,4,4")
    #expect(!FileManager.default.fileExists(atPath: options.checkpointPath))

    var measure = EvaluateOptions(data: crops)
    measure.modelPath = options.output
    measure.resamples = 200
    measure.quiet = true
    measure.budget = ReviewBudget(prevalence: 0.01, videos: 1000, reviews: 20)
    measure.report = folder.path("report")
    measure.scores = folder.path("scores.csv")
    let evaluation = try evaluateDetector(measure)
    #expect(evaluation.crops.count == evaluation.crops.fakes * 2)
    // Fitted to the same part as in training, so nothing may change but the last bits.
    measure.calibrates = true
    let again = try evaluateDetector(measure)
    #expect(again.crops.decisions[0].confusion == evaluation.crops.decisions[0].confusion)
    #expect(again.modelSHA256 == evaluation.modelSHA256)
    let auc = try #require(evaluation.crops.figures.first { $0.name == "AUC" })
    #expect(auc.value > 0.95, "\(evaluation.table)")
    #expect(try JSONSerialization.jsonObject(with: Data(evaluation.json().utf8)) is [String: Any])
    #expect(evaluation.crops.workload?.expectation.found ?? 0 > 8)
    measure.records = true
    _ = try evaluateDetector(measure)
    let recorded = try #require(try loadModel(at: options.output).detector.card.test)
    #expect(recorded.contains { $0.name.hasPrefix("AUC of \(evaluation.crops.count) crops") && $0.value == auc.value })
    #expect(recorded.contains { $0.name.hasPrefix("AUC of brightening") })
    #expect(try describeModel(at: options.output, asJSON: false).contains("AUC of brightening"))
    measure.part = .validation
    #expect(throws: WorkflowError.self) { try evaluateDetector(measure) }
    let scores = try String(contentsOfFile: folder.path("scores.csv"), encoding: .utf8).split(separator: "\r\n")
    #expect(scores.count == evaluation.crops.count + 1)
    #expect(scores.count { $0.contains(",fake,") } == evaluation.crops.fakes)
    let page = try String(contentsOfFile: folder.path("report/index.html"), encoding: .utf8)
    #expect(page.contains("By crop") && page.components(separatedBy: "<figure>").count > 5)
    for plot in ["roc", "precision-recall", "calibration", "scores"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("report/crops-\(plot).svg")))
    }
  }

  @Test("another architecture, at the size of the crops")
  func otherNetwork() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var options = options("attentive", crops: crops)
    options.network = "paper-cnn+residual+se"
    _ = try trainDetector(options)
    let model = try loadModel(at: options.output).detector
    #expect(model.cropSettings.size == 48)
    #expect(model.card.settings["network"] == options.network)
    #expect(model.network.nodes.contains { $0.name == "se4.multiply" })

    options.network = "paper-cnn+nothing"
    let error = #expect(throws: WorkflowError.self) { try trainDetector(options) }
    #expect(error.map { "\($0)".contains("+cbam") } == true)
  }

  @Test("manipulations can be excluded from training, and the log records how time is spent")
  func leavesOut() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48, methods: ["brightening", "lighting"])
    var options = options("blind", crops: crops)
    options.leftOut = ["lighting"]
    _ = try trainDetector(options)
    let card = try loadModel(at: options.output).detector.card
    #expect(card.trainingData.contains("brightening") && !card.trainingData.contains("lighting"))
    #expect(card.settings["leave-out"] == "lighting")
    for epoch in try TrainingLog.read(options.logLinesPath) {
      #expect((0...1).contains(epoch.dataFraction) && epoch.dataFraction > 0)
      #expect(epoch.busyFraction > 0 && epoch.busyFraction < 4)
    }
    options.leftOut = ["magic"]
    let error = #expect(throws: WorkflowError.self) { try trainDetector(options) }
    #expect(error.map { "\($0)".contains("brightening, lighting") } == true)
  }

  @Test("training in pairs works, records its settings, and refuses an unknown data set")
  func pairs() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var options = options("pairs", crops: crops)
    options.pairs = ["drawn": 1]
    options.epochCrops = 24
    options.selfBlending = 0.25
    options.splitFractions = .init(train: 80, validation: 20, test: 0)
    let data = try TrainingData(options)
    #expect(data.order(epoch: 0).count == 24 && data.testCount == 0)
    for draw in data.order(epoch: 2) {
      let isReal = data.label(draw.crop) == 0
      #expect(data.augmentedLabel(draw, epoch: 2) == (isReal && draw.blends != true ? 0 : 1))
    }
    options.epochs = 6
    _ = try trainDetector(options)
    let card = try loadModel(at: options.output).detector.card
    #expect(card.settings["pairs"] == "drawn=1.0" && card.settings["split-shares"] == "80.0,20.0,0.0")
    // What the card prints is what the command line takes: the weights belong to --mix.
    let printed = RecordedSettings.options(card.settings)
    #expect(printed.contains("--pairs --mix drawn=1.0 --patience"), "\(printed)")
    #expect(try TrainingLog.read(options.logLinesPath).count == 6)
    #expect(card.validation.first { $0.name == "AUC" }.map { $0.value > 0.9 } == true)

    options.pairs = ["elsewhere": 1]
    let error = #expect(throws: DatasetsError.self) { try trainDetector(options) }
    #expect(error.map { "\($0)".contains("drawn") } == true)
  }

  @Test("all settings work together, are stored for resuming, and are seeded")
  func everySetting() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    var options = options("all", crops: crops)
    options.optimisation.rule = .sgd
    options.optimisation.labelSmoothing = 0.1
    options.optimisation.fakeWeight = 2
    options.optimisation.average = 0.9
    options.optimisation.mixUp = 0.4
    _ = try trainDetector(options)
    var again = options
    again.output = folder.path("again")
    let data = try TrainingData(again)
    try data.split.write(to: again.splitPath)
    let interruption = Interruption()
    var run = try TrainingRun(again, data: data)
    run.afterStep = { if $0 == 5 { interruption.receive(SIGINT) } }
    try run.run(interruption, progress: ProgressLine(unit: "steps", quiet: true))
    again.resume = true
    _ = try trainDetector(again)
    let models = try [options, again].map { try loadModel(at: $0.output).detector.network.parameters }
    #expect(models[0] == models[1])
    let log = try String(contentsOfFile: options.logLinesPath, encoding: .utf8).split(separator: "\n")
    #expect(log.count == 3 && log.allSatisfy { $0.contains("\"validationAUC\"") })
    #expect(try String(contentsOfFile: options.curvePath, encoding: .utf8).contains("Learning curve"))
  }

  @Test("mixed labels lie between those of a crop and its neighbour, and are seeded")
  func mixing() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    let data = try TrainingData(options("mixed", crops: crops))
    var optimisation = OptimisationOptions()
    let chosen = Array(data.order(epoch: 0).prefix(8))
    func batch() -> TrainingBatch { TrainingBatch(data, chosen, epoch: 0, step: 3, optimisation, seed: 5) }
    let plain = batch()
    optimisation.mixUp = 1
    optimisation.fakeWeight = 3
    let mixed = batch()
    #expect(Set(plain.labels) == [0, 1] && plain.weights == nil)
    for index in chosen.indices {
      let ends = [plain.labels[index], plain.labels[(index + 1) % 8]]
      #expect((ends.min() ?? 0)...(ends.max() ?? 0) ~= mixed.labels[index])
    }
    #expect(mixed.labels.contains { (0.01...0.99).contains($0) })
    #expect(mixed.labels == batch().labels)
    #expect(try zip(mixed.labels, #require(mixed.weights)).allSatisfy { abs($1 - (1 + 2 * $0)) < 1e-6 })
  }

  @Test("early stopping ends training without improvement")
  func patience() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    var options = options("early", crops: crops)
    options.epochs = 40
    options.patience = 2
    let summary = try trainDetector(options)
    #expect(summary.interruptedBy == nil)
    let log = try TrainingLog.read(options.logLinesPath)
    let best = try #require(log.max { $0.validationAUC < $1.validationAUC })
    #expect(log.count < 40)
    #expect(log.last.map { $0.number - best.number } ?? 0 >= 2)
  }

  @Test("a loss that is not finite names step, epoch and crops")
  func notFinite() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    var options = options("nan", crops: crops)
    options.optimisation.learningRate = 1e30
    options.optimisation.clip = 0
    let error = #expect(throws: WorkflowError.self) { try trainDetector(options) }
    let text = error?.description ?? ""
    #expect(text.contains("step") && text.contains("epoch 1") && text.contains("crops "), "\(text)")
  }

  @Test("a sparkline shows the course", arguments: [([], ""), ([1], ""), ([1, 1], "▁▁"), ([0, 0.5, 1], "▁▅█")])
  func sparkline(values: [Double], text: String) {
    #expect(TrainingLog.sparkline(values) == text)
  }

  @Test("too few sources for a split are an error that names the part")
  func tooFew() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 1)
    let error = #expect(throws: WorkflowError.self) { try TrainingData(options("few", crops: crops)) }
    #expect(error?.description.contains("lacks real or fake crops") == true)
  }
}
