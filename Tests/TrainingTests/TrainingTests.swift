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

@Suite("Training")
struct TrainingTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String) -> TrainOptions { .small(name, crops: crops, in: folder) }

  @Test("a network learns what is easy, and its model file can be scanned with and measured")
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

  @Test("an ensemble gives the mean of its members' calibrated logits, and is calibrated like any other model")
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

  @Test("a kernel classifier is solved for, written like any other model and the same again for the same data")
  func kernel() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 64, smoothFakes: true)
    var options = options("kernel", crops: crops)
    options.network = "residual-cooccurrence"
    options.kernel = KernelOptions()
    options.kernel?.components = 4
    options.kernel?.copies = 1
    let summary = try trainDetector(options)
    #expect(summary.table.contains("validation AUC 1.0000"), "\(summary.table)")
    #expect(summary.table.contains("solved for 48 crops"), "\(summary.table)")
    let model = try loadModel(at: options.output)
    #expect(model.detector.card.settings["kernel-components"] == "4")
    #expect(model.detector.card.settings["epochs"] == nil)
    options.output = folder.path("again.safetensors")
    _ = try trainDetector(options)
    #expect(try loadModel(at: options.output).sha256 == model.sha256)
    options.output = folder.path("refit.safetensors")
    options.kernel?.refits = true
    let refit = try trainDetector(options).table
    // 24 + 8 crops of 16 sources, each once more augmented.
    #expect(refit.contains("solved for 64 crops") && refit.contains("validation AUC 1.0000"), "\(refit)")
    #expect(try loadModel(at: options.output).detector.card.settings["kernel-refit"] == "true")
    // What it was fitted to in the end says nothing any more; the test part does.
    var measure = EvaluateOptions(data: crops)
    measure.modelPath = options.output
    measure.quiet = true
    measure.resamples = 100
    _ = try evaluateDetector(measure)
    measure.part = .validation
    let error = #expect(throws: WorkflowError.self) { try evaluateDetector(measure) }
    #expect(error.map { "\($0)".contains("validation part") } == true)
    options.kernel?.refits = false
    options.network = "paper-cnn"
    #expect(throws: WorkflowError.self) { try trainDetector(options) }
    options.network = "residual-cooccurrence"
    options.kernel?.components = 24
    #expect(throws: WorkflowError.self) { try trainDetector(options) }
  }

  @Test("a source is known by its id and by the block that it is in")
  func blockNames() throws {
    let video = LabelledItem(
      path: "183_253.mp4", label: .fake, group: "ffpp:253", method: "Deepfakes", dataset: "ffpp",
      kind: .video)
    let block = FaceForensicsBlocks().regrouped([video])[0].group
    #expect(block.hasPrefix("ffpp-train:"))
    func split(_ group: String, _ part: Part) -> Split {
      Split(seed: 1, shares: .standard, parts: [group: part, "other": .test])
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

  @Test("a new model is averaged with another one, of crops of another size, and calibrated with it")
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

  @Test("a model that met sources of the validation or test part is found out by training, ensemble and measurement")
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

  @Test("a model that does not tell which sources it met is used with a warning, and so is what is made of it")
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
    #expect(text.contains("silent does not tell which sources it met") && text.contains("its test part"))
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

  @Test("manipulations can be kept from training, and an epoch's log tells where the time went")
  func leavesOut() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48, methods: ["brightening", "lighting"])
    var options = options("blind", crops: crops)
    options.leftOut = ["lighting"]
    _ = try trainDetector(options)
    let card = try loadModel(at: options.output).detector.card
    #expect(card.trainingData.contains("brightening") && !card.trainingData.contains("lighting"))
    #expect(card.settings["leave-out"] == "lighting")
    for epoch in try TrainingLog.read(options.logLinesPath) {
      #expect((0...1).contains(epoch.dataShare) && epoch.dataShare > 0)
      #expect(epoch.busyShare > 0 && epoch.busyShare < 4)
    }
    options.leftOut = ["magic"]
    let error = #expect(throws: WorkflowError.self) { try trainDetector(options) }
    #expect(error.map { "\($0)".contains("brightening, lighting") } == true)
  }

  @Test(
    "a built-in model is measured, and never changed",
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

  @Test("training goes on from a model file with its weights and preprocessing")
  func fromModel() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var options = options("base", crops: crops)
    _ = try trainDetector(options)
    var base = try loadModel(at: options.output).detector
    base.preprocessing = Preprocessing(mean: [0.49, 0.5, 0.51], deviation: [0.25, 0.25, 0.26])
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
    let error = #expect(throws: WorkflowError.self) { try trainDetector(options) }
    #expect(error.map { "\($0)".contains("--size 48") } == true)
  }

  @Test("training in pairs learns, records its settings, and refuses a data set that is not there")
  func pairs() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var options = options("pairs", crops: crops)
    options.pairs = ["drawn": 1]
    options.epochCrops = 24
    options.selfBlending = 0.25
    options.splitShares = .init(train: 80, validation: 20, test: 0)
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

  @Test("a convolutional network is trained on from at another size; weights of an architecture are imported by name")
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
    #expect(!ModelCard.licence(startedFrom: nil).contains("trained from"))

    tensors["features.3.1.depthwise.weight"] = nil
    try SafetensorsFile(tensors: tensors).write(to: file)
    let error = #expect(throws: WorkflowError.self) { try importModel(take) }
    #expect(error.map { "\($0)".contains("features.3.1.depthwise.weight") } == true)
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

  @Test("all that can be set works together, is kept for resuming, and is seeded")
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

  @Test("training that brings nothing more ends early")
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

  @Test("a loss that is no number names step, epoch and crops")
  func notFinite() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    var options = options("nan", crops: crops)
    options.optimisation.learningRate = 1e30
    options.optimisation.clip = 0
    let error = #expect(throws: WorkflowError.self) { try trainDetector(options) }
    let text = error?.description ?? ""
    #expect(text.contains("step") && text.contains("epoch 1") && text.contains("crops "), "\(text)")
  }

  @Test("a row of bars shows the course", arguments: [([], ""), ([1], ""), ([1, 1], "▁▁"), ([0, 0.5, 1], "▁▅█")])
  func sparkline(values: [Double], text: String) {
    #expect(TrainingLog.sparkline(values) == text)
  }

  @Test("other settings than the checkpoint's are refused by name")
  func otherSettings() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20)
    var options = options("other", crops: crops)
    let data = try TrainingData(options)
    try data.split.write(to: options.splitPath)
    try TrainingRun(options, data: data).saveCheckpoint()
    options.resume = true
    options.optimisation.learningRate = 0.5
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
