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

@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Generators of faces")
struct GANTests {
  private let folder = ScratchFolder()

  private func options(_ name: String, crops: String, steps: Int = 30) -> GANOptions {
    var options = GANOptions(crops: crops, output: folder.path("\(name).safetensors"))
    options.name = name
    options.size = 16
    options.width = 8
    options.latent = 8
    options.steps = steps
    options.batch = 8
    options.average = 0.9
    options.lookEvery = 10
    options.quiet = true
    return options
  }

  @Test("train, sample and evaluate work together on drawn faces")
  func wholePath() throws {
    let crops = try SmallCropSet.drawnFaces(in: folder, sources: 120)
    let options = options("faces", crops: crops, steps: 120)
    let summary = try trainGAN(options)
    #expect(summary.interruptedBy == nil)
    #expect(summary.table.contains("120 steps on 72 real crops of 72 sources"), "\(summary.table)")
    let model = try loadGAN(at: options.output)
    #expect(model.trainingGroups.count == 72 && model.card.settings["steps"] == "120")
    let log = try String(contentsOfFile: options.logPath, encoding: .utf8).split(whereSeparator: \.isNewline)
    #expect(log.count == 13 && log[0].hasPrefix("step,discriminator_loss") && log[12].hasPrefix("120,"))
    #expect(try ScratchFolderNames.of(options.sheetsPath).count == 12)
    #expect(FileManager.default.fileExists(atPath: options.curvePath))
    // The drawn fakes differ in colour, which a discriminator of colours sees.
    let opinion = try loadModel(at: options.opinionPath).detector
    let auc = try #require(opinion.card.validation.first { $0.name == "AUC" })
    #expect(auc.value > 0.8, "\(auc)")
    let split = try Split(path: options.outputSplitPath)
    #expect(opinion.card.sources == SourceExposure.parts(of: split, joinsValidation: false))

    var sample = GANSampleOptions(model: options.output, output: folder.path("pictures"))
    sample.count = 5
    sample.quiet = true
    _ = try sampleGAN(sample)
    #expect(
      try ScratchFolderNames.of(sample.output)
        == ["000000.png", "000001.png", "000002.png", "000003.png", "000004.png", "sheet.png"])

    var measure = GANEvaluateOptions(model: options.output, crops: crops)
    measure.features = [options.opinionPath]
    measure.report = folder.path("report")
    measure.quiet = true
    let evaluation = try evaluateGAN(measure)
    #expect(evaluation.realCrops == 48 && evaluation.pictures == 48 && evaluation.trainingCrops == 72)
    let space = evaluation.spaces[0]
    #expect(space.frechetDistanceOfTraining.value < space.frechetDistance.value, "\(evaluation.table)")
    let interval = try #require(space.frechetDistance.interval)
    #expect(interval.lower <= space.frechetDistance.value && space.frechetDistance.value <= interval.upper)
    #expect((0...1).contains(space.precision.value) && (0...1).contains(space.recall.value))
    #expect((0...1).contains(evaluation.memorisation.nearer.value))
    let json = try JSONSerialization.jsonObject(with: Data(evaluation.json().utf8)) as? [String: Any]
    #expect(json?["spaces"] is [Any])
    let page = try String(contentsOfFile: folder.path("report/index.html"), encoding: .utf8)
    #expect(page.contains("Nearest training crops") && page.contains("picture 0"))
    #expect(FileManager.default.fileExists(atPath: folder.path("report/nearest.png")))
  }

  @Test(
    "a resumed run has the same curve and ends with the same model", arguments: ["spectral", "dcgan"])
  func resumes(_ design: String) throws {
    let crops = try SmallCropSet.drawnFaces(in: folder, sources: 40)
    var whole = options("whole", crops: crops, steps: 20)
    whole.design = design
    _ = try trainGAN(whole)
    var parts = options("whole", crops: crops, steps: 20)
    parts.design = design
    parts.output = folder.path("parts.safetensors")
    let data = try GANData(crops: crops, split: nil, size: 16, smallestCount: 8, seed: 1)
    try data.split.write(to: parts.outputSplitPath)
    let interruption = Interruption()
    var run = try GANRun(parts, data: data)
    run.afterStep = { if $0 == 13 { interruption.receive(SIGINT) } }
    try run.run(interruption, progress: ProgressLine(unit: "steps", quiet: true))
    #expect(!run.isComplete && !FileManager.default.fileExists(atPath: parts.output))
    parts.resume = true
    _ = try trainGAN(parts)
    let (first, second) = (try loadGAN(at: whole.output), try loadGAN(at: parts.output))
    #expect(first.generator.parameters == second.generator.parameters)
    #expect(first.discriminator.parameters == second.discriminator.parameters)
    func looks(_ options: GANOptions) throws -> [GANLook] {
      try GANLog.read(options.logLinesPath, upTo: .max).map { look in
        var look = look
        look.seconds = 0
        return look
      }
    }
    #expect(try looks(whole) == looks(parts))
    #expect(try looks(whole).count == 2)

    parts.discriminatorRate = 0.5
    let error = #expect(throws: WorkflowError.self) { try trainGAN(parts) }
    #expect(error.map { "\($0)".contains("--discriminator-rate") } == true)
  }

  @Test("a mode collapse, a dominating and a memorising discriminator are reported once")
  func watch() {
    let watch = CollapseWatch(fraction: 0.5, grace: 100)
    func look(_ step: Int, loss: Double = 1, diversity: Double = 0.9, overfitting: Double? = 0.1) -> GANLook {
      GANLook(
        step: step, discriminatorLoss: loss, generatorLoss: 1, realRecognised: 0.8, generatedRecognised: 0.8,
        diversity: diversity, overfitting: overfitting, seconds: 0)
    }
    #expect(watch.findings([]).isEmpty)
    #expect(watch.findings([look(50, diversity: 0.1)]).isEmpty)
    let collapsed = [look(100), look(150, diversity: 0.3)]
    #expect(watch.news(collapsed).map(\.kind) == [.collapse])
    #expect(watch.news(collapsed)[0].text.contains("step 150"))
    #expect(watch.news(collapsed + [look(200, diversity: 0.2)]).isEmpty)
    #expect(watch.findings(collapsed + [look(200, diversity: 0.2)]).count == 1)
    #expect(watch.findings(collapsed + [look(200)]).isEmpty)
    let won = [look(10, loss: 0.5), look(20, loss: 0.01), look(30, loss: 0), look(40, loss: 0.01)]
    #expect(watch.news(Array(won.dropLast())).isEmpty)
    #expect(watch.news(won).map(\.kind) == [.won])
    #expect(watch.news([look(100), look(200, overfitting: 0.9)]).map(\.kind) == [.memorised])
    #expect(watch.findings([look(200, overfitting: nil)]).isEmpty)
  }

  @Test("memorisation is measured if and only if the discriminator separates training crops from generated pictures")
  func memorised() throws {
    let (own, pictures) = ([2.1, 1.9, 2, 2], [0.1, -0.1, 0, 0])
    let half = try #require(GANLooker.overfitting(known: own, unseen: [1, 1.2, 0.8], generated: pictures))
    #expect(abs(half - 0.5) < 1e-9)
    #expect(GANLooker.overfitting(known: [0.1, 0, -0.1, 0.01], unseen: [3], generated: pictures) == nil)
    #expect(GANLooker.overfitting(known: own, unseen: [], generated: pictures) == nil)
  }

  @Test("a mode collapse is reported in the summary, the log and the model")
  func collapse() throws {
    let crops = try SmallCropSet.drawnFaces(in: folder, sources: 40)
    var options = options("alike", crops: crops, steps: 10)
    options.collapseGrace = 10
    // More than any generator can do.
    options.collapseFraction = 100
    let summary = try trainGAN(options)
    #expect(summary.table.contains("warning: mode collapse"), "\(summary.table)")
    #expect(try loadGAN(at: options.output).findings.count == 1)
    #expect(try GANLog.read(options.logLinesPath, upTo: 10)[0].warning?.contains("mode collapse") == true)
  }

  @Test(
    "features are available for every built-in model, including ensembles",
    arguments: ["standard", "paper"])
  func builtInFeatures(name: String) throws {
    let model = try loadModel(at: name).detector
    let features = try PictureFeatures(
      of: model.network, preprocessing: model.preprocessing, most: 2048, name: model.name)
    #expect((8...2048).contains(features.width))
    let row = try features.table(
      [Frame(width: 64, height: 64, pixels: [UInt8](repeating: 9, count: 64 * 64 * 3))], workers: 1)
    #expect(row.rows == 1 && row.width == features.width && row.values.allSatisfy(\.isFinite))
  }

  @Test("unusable inputs are refused with a remedy")
  func refusals() throws {
    let crops = try SmallCropSet.drawnFaces(in: folder, sources: 10)
    func message(_ change: (inout GANOptions) -> Void) -> String {
      var options = options("none", crops: crops)
      options.batch = 4
      change(&options)
      let error = #expect(throws: WorkflowError.self) { try trainGAN(options) }
      return error.map { "\($0)" } ?? ""
    }
    #expect(message { $0.design = "stylegan" }.contains("dcgan, spectral"))
    #expect(message { $0.size = 64 }.contains("16 pixels"))
    #expect(message { $0.size = 8 }.contains("16, 32, 64, 128"))
    #expect(message { $0.batch = 16 }.contains("6 real crops"))
    #expect(
      message {
        $0.design = "dcgan"
        $0.generatorRate = 1e30
        $0.discriminatorRate = 1e30
      }.contains("training step"))
    let error = #expect(throws: WorkflowError.self) { try loadGAN(at: crops + "/crops.json") }
    #expect(error.map { "\($0)".contains("cannot use the model") } == true)
  }

  @Test("nearest crops include mirrored ones, and copies have a distance of 0")
  func nearest() {
    func picture(_ seed: UInt64) -> Frame {
      var generator = SeededGenerator(seed: seed)
      return Frame(
        width: 16, height: 16, pixels: (0..<768).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    }
    let crops = (0..<5).map { picture(UInt64($0)) }
    let matches = NearestCrops(of: crops).matches([crops[3], crops[2].flippedHorizontally(), picture(9)], count: 2)
    #expect(matches[0][0].index == 3 && matches[0][0].distance < 1e-6)
    #expect(matches[1][0].index == 2 && matches[1][0].distance < 1e-6)
    #expect(matches[2][0].distance > 0.2 && matches[2].count == 2)
    #expect(PictureDiversity.meanDistance([crops[0], crops[0]]) < 1e-6)
  }
}

/// Names in a folder that a test did not make itself.
private enum ScratchFolderNames {
  static func of(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}
