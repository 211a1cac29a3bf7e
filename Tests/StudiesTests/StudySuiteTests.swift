import Compute
import Datasets
import Foundation
import Imaging
import Media
import Metrics
import Models
import NeuralNet
import TestSupport
import Testing
import TrainingSupport

@testable import Runs
@testable import Scoring
@testable import Studies
@testable import Training

@Suite("Studies of crops")
struct StudySuiteTests {
  private let folder = ScratchFolder()

  private func run(_ study: String, _ crops: String, _ settings: [String: [String]]) throws -> StudyFindings {
    var options = StudyOptions(study, inputs: [crops], output: folder.path(study))
    options.settings = StudySettings(settings)
    options.quiet = true
    if study == "norms" { options.models = [folder.path("bright")] }
    let findings = try #require(try runStudy(options).findings)
    let page = try folder.text("\(study)/index.html")
    #expect(page.contains("Limits") && page.contains("<svg"))
    for figure in findings.figures {
      let (lower, upper) = (figure.lower ?? figure.value, figure.upper ?? figure.value)
      #expect(lower <= upper && figure.count > 0, "\(figure)")
    }
    return findings
  }

  private static let trial = [
    "widths": ["8", "8", "16", "16"], "hidden": ["16"], "dropout": ["0.5"], "size": ["32"], "steps": ["6"],
    "batch": ["8"], "learning-rate": ["0.01"], "augmentation": ["0.1"],
    "validation": ["4"], "attack": ["fgsm"], "epsilon": ["1/255"], "attack-steps": ["2"], "attacked": ["4"],
  ]

  @Test("norms are compared at equal visibility, on the initially correct crops")
  func norms() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var training = TrainOptions.small("bright", crops: crops, in: folder)
    training.epochs = 6
    _ = try trainDetector(training)
    let settings = [
      "limit": ["4"], "white": ["pgd", "pgd-l2", "pgd-l0"], "black": ["square", "sparse-rs"],
      "linf": ["1/255", "0.5"], "l2": ["40"], "l0": ["20"], "steps": ["4"], "queries": ["1"],
      "ssim": ["0.9", "0.01"],
      "psnr": ["40"],
    ]
    let findings = try run("norms", crops, settings)
    #expect(findings.tables.map(\.rows.count) == [5, 7])
    // A looser visibility limit flips at least as many.
    for row in findings.tables[0].rows {
      let fractions = row.dropFirst().prefix(2).compactMap { Double($0.prefix { $0 != " " }) }
      #expect(fractions.count == 2 && fractions[0] <= fractions[1] && (0...1).contains(fractions[1]), "\(row)")
    }
    #expect(findings.answer.hasPrefix("bright, at SSIM ≥ 0.9, "))
    #expect(!findings.limits.contains(unknownSplitLimit))
    // Cells go by the model's name: a second model of the same one would never be measured.
    try FileManager.default.copyItem(atPath: training.output, toPath: folder.path("twin"))
    var twins = StudyOptions("norms", inputs: [crops], output: folder.path("twins"))
    twins.settings = StudySettings(settings)
    twins.models = [training.output, folder.path("twin")]
    let error = #expect(throws: WorkflowError.self) { try runStudy(twins) }
    #expect(error?.description.contains("two models are called 'bright'") == true)
  }

  @Test("without a split beside the model, the split in its card is used")
  func splitOfTheCard() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var training = TrainOptions.small("carded", crops: crops, in: folder)
    training.epochs = 1
    training.seed = 5
    _ = try trainDetector(training)
    try FileManager.default.removeItem(atPath: training.splitPath)
    let model = try loadModel(at: training.output)
    let request = StudyRequest(
      settings: StudySettings(), inputs: [crops], models: [], splitPath: nil, seed: 1)
    let items = try CropSet(folder: crops).items
    let (split, isKnown) = try request.split(of: items, models: [model])
    let trained = try Split.make(items, seed: 5)
    #expect(isKnown && split.parts == trained.parts)
    #expect(try !request.split(of: items, models: []).isKnown)
  }

  @Test("a split whose test part any of the models was trained on is refused")
  func exposure() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var training = TrainOptions.small("one", crops: crops, in: folder)
    training.epochs = 4
    _ = try trainDetector(training)
    let one = try loadModel(at: training.output)
    (training.name, training.output, training.seed) = ("other", folder.path("other"), 5)
    _ = try trainDetector(training)
    let other = try loadModel(at: training.output)
    let request = StudyRequest(
      settings: StudySettings(), inputs: [crops], models: [], splitPath: nil, seed: 1)
    let items = try CropSet(folder: crops).items
    let error = #expect(throws: WorkflowError.self) { try request.split(of: items, models: [one, other]) }
    #expect(error?.description.contains("other was trained or selected on") == true)
    #expect(error?.description.contains("study the models separately") == true)
    #expect(try request.split(of: items, models: [other]).isKnown)
  }

  @Test("videos of the model's training are excluded according to its card, unknown videos are kept")
  func videosOfTheCard() throws {
    var table = "path,label,group\r\n"
    for (name, label) in [("train", "real"), ("test", "real"), ("new", "real"), ("other", "fake"), ("kept", "fake")] {
      try folder.write(name, to: "\(name).mp4")
      table += "\(name).mp4,\(label),\(name)\r\n"
    }
    try folder.write(table, to: "videos.csv")
    var build = NetworkBuilder(inputShape: [3, 32, 32], seed: 1)
    build.flatten("flat")
    build.linear("logit", features: 1)
    let blank = try DetectorModel(
      name: "scanner", network: build.network, preprocessing: Preprocessing(),
      cropSettings: .init(detector: "standard", size: 32),
      card: ModelCard(trainingData: "none", intendedUse: "tests", limits: "all", licence: "MIT"))
    func videos(_ sources: [String: String]?) throws -> StudyVideos {
      var detector = blank
      detector.card.sources = sources
      let request = StudyRequest(
        settings: StudySettings(), inputs: [folder.path("videos.csv")], models: [], splitPath: nil, seed: 1)
      let model = LoadedModel(detector: detector, sha256: "", path: folder.path("scanner"))
      return try StudyVideos(request, model: model, limit: 10)
    }
    let some = try videos(["videos:train": "train", "videos:test": "test"])
    #expect(some.items.map(\.group) == ["videos:kept", "videos:new", "videos:other", "videos:test"])
    #expect(some.isTestPart)
    for unknown in [nil, ["elsewhere": "train"]] {
      let all = try videos(unknown)
      #expect(all.items.count == 5 && !all.isTestPart)
    }
    let error = #expect(throws: WorkflowError.self) {
      try videos(["videos:other": "train", "videos:kept": "validation"])
    }
    #expect(error?.description.contains("no fake video outside the training and validation data of scanner") == true)
    #expect(error?.description.contains("--split") == true)
  }

  @Test("the most effective norm is named if and only if its lead is significant")
  func comparison() {
    let draws = PairedDraws(sources: (0..<40).map { "\($0)" }, resamples: 300)
    let always = [Double](repeating: 1, count: 40)
    let seldom = (0..<40).map { $0 < 6 ? 1.0 : 0 }
    let asOften = (0..<40).map { $0 >= 34 ? 1.0 : 0 }
    func sentence(_ a: [Double], _ b: [Double]) -> String {
      NormFindings.comparison(names: ["ℓ2", "ℓ0"], columns: [a, b], draws: draws)
    }
    #expect(sentence(seldom, always).hasSuffix("so ℓ0 is the most effective"))
    #expect(sentence(seldom, asOften).hasSuffix("which do not differ significantly"))
    // A difference of all against none is significant with enough sources.
    #expect(sentence(always.map { $0 - 1 }, always).hasSuffix("so ℓ0 is the most effective"))
    let few = PairedDraws(sources: ["a", "a", "b"], resamples: 50)
    #expect(few.bounded(Estimate(1, Interval(lower: 1, upper: 1)))?.isSignificant == false)
    #expect(sentence(always.map { $0 - 1 }, always.map { $0 - 1 }) == "no perturbation by ℓ2, ℓ0 flips any")
  }

  @Test("sets grow in crops and in sources, and power laws are fitted to the errors")
  func scaling() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 60, size: 32)
    let findings = try run(
      "scaling", crops,
      Self.trial.merging([
        "network": ["paper-cnn"], "crops": ["8", "16", "32"], "seeds": ["1", "2"], "sources": ["4", "8"],
        "crops-of-sources": ["8"],
      ]) { $1 })
    #expect(findings.tables.map(\.rows.count) == [3, 2, 4])
    // Eight crops of four sources, and of eight.
    #expect(findings.tables[1].rows.map { $0[1] } == ["4", "8"])
    #expect(findings.figures.count { $0.name == "AUC" } == 5)
    let records = try folder.text("scaling/cells.csv").split(separator: "\r\n")
    #expect(records.count == 11 && records[0].hasPrefix("axis,amount,seed,"))
    var options = StudyOptions("scaling", inputs: [crops], output: folder.path("large"))
    options.settings = StudySettings(
      Self.trial.merging([
        "network": ["paper-cnn"], "crops": ["8", "1000"], "seeds": ["1"], "sources": ["4", "8"],
        "crops-of-sources": ["8"],
      ]) { $1 })
    options.quiet = true
    let error = #expect(throws: WorkflowError.self) { try runStudy(options) }
    #expect(error?.description.contains("'crops' must be") == true)
    options.models = ["standard"]
    let refused = #expect(throws: WorkflowError.self) { try runStudy(options) }
    #expect(refused?.description.contains("omit --models") == true)
  }

  @Test("a network on statistics is fitted in closed form, also from a few crops")
  func scalingSolved() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 60, size: 64, smoothFakes: true)
    let findings = try run(
      "scaling", crops,
      Self.trial.merging([
        "network": ["residual-cooccurrence"], "crops": ["6", "32"], "seeds": ["1"], "sources": ["4", "8"],
        "crops-of-sources": ["8"], "size": ["64"], "augmentation": ["0"],
      ]) { $1 })
    #expect(findings.method[0].contains("closed form"))
    #expect(findings.tables[0].rows[1][2].hasPrefix("1.000"), "\(findings.tables[0].rows)")
    let model = try loadModel(at: folder.path("scaling/\(StudyJournal.workName)/crops-32-1.safetensors")).detector
    #expect(model.card.settings["kernel-components"] == "16" && model.card.settings["kernel-copies"] == "0")
  }

  @Test("a trend is stated only if the interval of its exponent excludes 0")
  func exponents() {
    #expect(
      ScalingFindings.sentence("1 - AUC", Estimate(-0.5, Interval(lower: -0.7, upper: -0.3)))
        == "1 - AUC decreases with exponent -0.500 [-0.700, -0.300], by a factor of 0.71 per doubling")
    #expect(
      ScalingFindings.sentence("1 - AUC", Estimate(-0.1, Interval(lower: -0.3, upper: 0.1)))
        == "no significant change of 1 - AUC (exponent -0.100 [-0.300, 0.100])")
  }

  @Test("networks have equal training, are compared with the first one, and their cost is relative to it")
  func architectures() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 40, size: 32)
    let settings = Self.trial.merging(["networks": ["paper-cnn", "paper-cnn+width=2"], "seeds": ["1"]]) { $1 }
    let findings = try run("architectures", crops, settings)
    #expect(findings.tables[0].rows.map { $0[0] } == ["paper-cnn", "paper-cnn+width=2"])
    #expect(findings.tables[1].rows.count == 1)
    let cells = try folder.text("architectures/cells.csv").split(separator: "\r\n")
    let cost = try #require(cells[0].split(separator: ",").firstIndex(of: "cost_ratio"))
    let ratios = cells.dropFirst().compactMap {
      Double($0.split(separator: ",", omittingEmptySubsequences: false)[cost])
    }
    #expect(ratios.count == 2 && ratios[1] > ratios[0])
    #expect(findings.tables[0].rows[0].last == "1.0")

    // A cell whose training was resumed has no time, and what is not known is not compared.
    let path = folder.path("architectures/cells.jsonl")
    let lines = try folder.text("architectures/cells.jsonl").split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.contains("\"cpu_seconds\"") })
    func table(without line: Int) throws -> [String?] {
      var kept = lines.map(String.init)
      kept[line] = kept[line].replacing("\"cpu_seconds\"", with: "\"not_known\"")
      try Data((kept.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
      return try run("architectures", crops, settings).tables[0].rows.map { $0.last }
    }
    #expect(try table(without: 1) == ["1.0", "-"])
    #expect(try table(without: 0) == ["-", "-"])
  }

  @Test("an unfinished training is identified by its checkpoint and its split")
  func begun() throws {
    var options = TrainOptions(crops: "", output: folder.path("begun"))
    #expect(!StudyBench.isBegun(options))
    for name in ["begun.checkpoint", "begun.split.json"] { try folder.write("", to: name) }
    #expect(StudyBench.isBegun(options))
    options.output = folder.path("other")
    #expect(!StudyBench.isBegun(options))
  }

  @Test("networks are named better or worse than the first only if the difference is significant")
  func ranking() {
    let better = Estimate(0.1, Interval(lower: 0.05, upper: 0.15))
    let similar = Estimate(0.1, Interval(lower: -0.05, upper: 0.15))
    let worse = Estimate(-0.2, Interval(lower: -0.3, upper: -0.1))
    func sentence(_ differences: [Estimate?]) -> String {
      ArchitectureFindings.sentence("AUC", ["a", "b", "c"], differences)
    }
    #expect(
      sentence([nil, better, worse])
        == "In AUC significantly better: b (+0.100 [0.050, 0.150]); significantly worse: c (-0.200 [-0.300, -0.100]).")
    #expect(sentence([nil, similar, worse]).hasPrefix("In AUC none is significantly better; significantly worse: c"))
    #expect(sentence([nil, similar, nil]) == "In AUC, no other network differs significantly.")
  }

  @Test("encodings are parsed, and invalid ones are refused")
  func codecArms() throws {
    let chain = try CodecArm("h264:28:half>h265:30").recompression
    #expect(chain?.crf == 28 && chain?.isHalfSize == true && chain?.then.first?.codec == .h265)
    for text in ["", "h264", "h264:52", "h266:20", "h264:20:double", "h264:20>"] {
      #expect(throws: WorkflowError.self, "\(text)") { try CodecArm(text) }
    }
  }
}
