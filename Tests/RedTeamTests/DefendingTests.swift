import Attacks
import Compute
import Datasets
import Files
import Foundation
import Imaging
import Models
import NeuralNet
import TestSupport
import Testing
import TrainingSupport

@testable import RedTeam
@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Defences, checks and guarantees")
struct DefendingTests {
  private let folder = ScratchFolder()

  private func trained() throws -> (model: String, crops: String) {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 32)
    let options = TrainOptions.small("bright", crops: crops, in: folder)
    _ = try trainDetector(options)
    return (options.output, crops)
  }

  private func options(_ model: String, _ crops: String, output: String = "attack") -> AttackOptions {
    var options = AttackOptions(models: [model], crops: crops, output: folder.path(output))
    options.attacks = ["pgd"]
    options.budgets = [.linf: [0.1]]
    options.part = .all
    options.limit = 4
    options.quiet = true
    return options
  }

  @Test(
    "defences by name",
    arguments: [
      ("jpeg:60", "jpeg:60"), ("jpeg", "jpeg:75"), ("median", "median:3"), ("resize:90+bits", "resize:90+bits:4"),
    ])
  func names(text: String, name: String) throws {
    #expect(try DefenceName(text).defence.name == name)
  }

  @Test("an unknown defence is an error", arguments: ["", "magic", "jpeg:0", "median:4", "bits:9", "jpeg+", "bits:x"])
  func wrongNames(text: String) {
    #expect(throws: WorkflowError.self) { try DefenceName(text) }
  }

  @Test("a defended model is attacked with and without knowledge of the defence, independently of workers")
  func defended() throws {
    let (model, crops) = try trained()
    var options = options(model, crops)
    options.defences = try ["jpeg:50", "resize:80+median"].map { try DefenceName($0) }
    let findings = try attackModels(options).findings
    #expect(findings.rows.map(\.defence) == [nil, "jpeg:50", "jpeg:50", "resize:80+median:3", "resize:80+median:3"])
    #expect(findings.rows.map(\.isDefenceKnown) == [nil, false, true, false, true])
    #expect(findings.rows.allSatisfy { $0.steps == 20 && $0.restarts == 1 })
    // Known defences and the bare model are checked for masked gradients.
    #expect(findings.checks.count == 9 && findings.robustness.count == 5)
    options.output = folder.path("again")
    options.workers = 3
    #expect(try attackModels(options).json() == readableJSON(findings))
  }

  @Test("an undefended model passes the masking checks")
  func honest() throws {
    let (model, crops) = try trained()
    let checks = try attackModels(options(model, crops)).findings.checks
    #expect(checks.count == 3)
    for check in checks { #expect(check.outcome == .passed, "\(check)") }
    var without = options(model, crops, output: "without")
    without.checks = false
    #expect(try attackModels(without).findings.checks.allSatisfy { $0.outcome == .notRun && $0.lower == nil })
  }

  @Test("gradient masking is detected")
  func masked() throws {
    let (_, crops) = try trained()
    // Brightness of more than 0.42, so sharply cut that the slope is zero in 32 bits on both sides.
    var build = NetworkBuilder(inputShape: [3, 32, 32], seed: 1)
    build.globalAveragePool("mean")
    build.flatten("flat")
    build.linear("sum", features: 1)
    build.sigmoid("cut")
    build.linear("logit", features: 1)
    var network = build.network
    network.parameters["sum.weight"] = Tensor([1, 3], repeating: 1000)
    network.parameters["sum.bias"] = Tensor([1], repeating: 960)
    network.parameters["logit.weight"] = Tensor([1, 1], repeating: 2)
    network.parameters["logit.bias"] = Tensor([1], repeating: -1)
    let model = try DetectorModel(
      name: "cut", network: network, preprocessing: Preprocessing(),
      cropSettings: .init(detector: "standard", size: 32),
      card: ModelCard(trainingData: "none", intendedUse: "tests", limits: "all", licence: "MIT"))
    try model.write(to: folder.path("cut.safetensors"))
    let findings = try attackModels(options(folder.path("cut.safetensors"), crops)).findings
    #expect(findings.rows[0].cleanAccuracy == 1 && findings.rows[0].robustAccuracy == 1)
    let unbounded = try #require(findings.checks.last)
    #expect(unbounded.outcome == .failed && unbounded.upper ?? 0 >= 0.5, "\(unbounded)")
    #expect(try folder.text("attack/index.html").contains("Are gradients masked?"))
  }

  @Test("smoothing a linear model certifies its distance from the boundary, and no more")
  func certifies() throws {
    let (_, crops) = try trained()
    var build = NetworkBuilder(inputShape: [3, 32, 32], seed: 1)
    build.flatten("flat")
    build.linear("logit", features: 1)
    var network = build.network
    let count = 3 * 32 * 32
    // In pixel values: the mean, less the middle of bright and dark crops; the true radius is |mean - middle| · √count.
    network.parameters["logit.weight"] = Tensor([1, count], repeating: 0.25 / Float(count))
    network.parameters["logit.bias"] = Tensor([1], repeating: 0.5 - 0.51)
    let model = try DetectorModel(
      name: "mean", network: network, preprocessing: Preprocessing(),
      cropSettings: .init(detector: "standard", size: 32),
      card: ModelCard(trainingData: "none", intendedUse: "tests", limits: "all", licence: "MIT"))
    try model.write(to: folder.path("mean.safetensors"))
    var options = options(folder.path("mean.safetensors"), crops)
    options.attacks = ["fgsm"]
    options.checks = false
    // Dark crops are about 0.2 · √3072 = 12 away from the boundary: with this noise not every copy agrees.
    options.certify = CertifyOptions(sigma: 8)
    options.certify?.samples = 400
    let row = try #require(try attackModels(options).findings.certified.first)
    let set = try CropSet(folder: crops)
    let distances = set.records.indices.map { index in
      let pixels = set.frame(at: index).pixels
      let mean = pixels.reduce(0.0) { $0 + Double($1) / 255 } / Double(count)
      return abs(mean - 0.51) * Double(count).squareRoot()
    }
    let truth = (distances.min() ?? 0, distances.max() ?? 0)
    #expect(row.crops == 8 && row.abstained == 0 && row.radii[0].certifiedAccuracy == 1)
    let median = try #require(row.medianRadius)
    // With 400 copies the bound costs something, but not everything.
    #expect(median > 0.6 * truth.0 && median < truth.1, "\(median) of \(truth)")
    #expect(row.radii.last.map { $0.radius > truth.1 && $0.certifiedAccuracy == 0 } == true)
    #expect(try folder.text("attack/curve-certified.svg").contains("certified accuracy"))
    // Goes on where it stopped: nothing is computed twice, and the result is the same.
    let again = try #require(try attackModels(options).findings.certified.first)
    #expect(try readableJSON(again) == readableJSON(row))
  }

  @Test("the perturbed-input flag is fitted, measured and written for one model")
  func flags() throws {
    let (model, crops) = try trained()
    var options = options(model, crops)
    options.flagRate = 0.2
    options.checks = false
    let rows = try attackModels(options).findings.flags
    #expect(rows.count == 2 && rows[0].attack == nil && rows[1].attack == "pgd")
    #expect(rows[0].units + rows[0].fitted == 40 && (24...32).contains(rows[0].fitted))
    // Units may share sources, of which an interval needs ten.
    #expect(rows[0].interval == nil || rows[0].units >= 10)
    let path = folder.path("attack/bright.perturbed.json")
    let flag = try PerturbedFlag.read(path, for: AttackModel(loadModel(at: model)))
    #expect(flag.threshold > 0 && flag.falseAlarmRate == 0.2)
    #expect(throws: WorkflowError.self) { try PerturbedFlag.read(path, for: AttackModel(loadModel(at: nil))) }
    #expect(throws: WorkflowError.self) {
      try PerturbedFlag.read(path, for: AttackModel(loadModel(at: model), defence: BitDepth(bits: 4)))
    }
  }

  @Test("false alarms are counted on footage that was not used for fitting")
  func unfitted() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 40, size: 32)
    let training = TrainOptions.small("bright", crops: crops, in: folder)
    _ = try trainDetector(training)
    var options = options(training.output, crops)
    (options.attacks, options.part, options.limit, options.checks) = (["fgsm"], .validation, 1, false)
    options.flagRate = 0.2
    let row = try #require(try attackModels(options).findings.flags.first)
    let part = try Split(path: training.splitPath).indices(of: .validation, in: CropSet(folder: crops).items)
    #expect(row.units > 0 && row.units <= 4 && row.fitted + row.units == part.count)
  }

  @Test("with both videos and pictures, false alarms are also reported per kind")
  func kinds() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 40, size: 32, hasVideos: true)
    let training = TrainOptions.small("bright", crops: crops, in: folder)
    _ = try trainDetector(training)
    var options = options(training.output, crops)
    (options.attacks, options.checks, options.flagRate) = (["fgsm"], false, 0.2)
    let rows = try attackModels(options).findings.flags.filter { $0.attack == nil }
    #expect(rows.map(\.kind) == [nil, .video, .picture])
    #expect(rows[1].units > 0 && rows[2].units > 0 && rows[0].units == rows[1].units + rows[2].units)
    #expect(rows[0].flagged == rows[1].flagged + rows[2].flagged)
    #expect(rows.map { FlagRow.table.cells($0)[1] } == ["unperturbed", "unperturbed videos", "unperturbed pictures"])
  }

  @Test("an interruption takes effect while fitting the flag and while rendering pictures")
  func interrupted() throws {
    let (model, crops) = try trained()
    var options = options(model, crops)
    (options.attacks, options.checks, options.flagRate) = (["fgsm"], false, 0.2)
    let summary = try attackModels(options)
    let (set, loaded) = (try CropSet(folder: crops), try loadModel(at: model))
    try FileManager.default.createDirectory(atPath: folder.path("again"), withIntermediateDirectories: true)
    let grid = AttackGrid(
      options: options, set: set, plan: try AttackPlan(options, set: set, models: [loaded]),
      targets: [AttackModel(loaded)], sources: [], log: try AttackLog(folder: folder.path("again"), settings: [:]))
    let interruption = Interruption()
    interruption.receive(SIGINT)
    let flags = try FlagStudy(grid: grid, rate: 0.2).run(interruption)
    #expect(flags?.count == nil)
    let report = AttackReport(grid: grid, findings: summary.findings)
    #expect(try !report.write(to: folder.path("again"), interruption))
    #expect(!FileManager.default.fileExists(atPath: folder.path("again/index.html")))
    #expect(try report.write(to: folder.path("again"), Interruption()))
  }

  @Test("the threshold keeps its false alarm rate")
  func threshold() {
    let clean = (1...99).map(Double.init)
    #expect(PerturbedFlag.threshold(of: clean.shuffled(), rate: 0.05) == 95)
    #expect(PerturbedFlag.threshold(of: [1, 2, 3], rate: 0.05) == nil)
    #expect(PerturbedFlag.statistic([3, 1, 2, 10]) == 2.5 && PerturbedFlag.statistic([]) == nil)
  }

  @Test("attacks are independent of the number of workers and of earlier attacks")
  func everyAttack() throws {
    let (model, crops) = try trained()
    var options = options(model, crops)
    options.attacks = AttackOptions.names
    options.budgets = [.linf: [0.05], .l2: [2], .l0: [10]]
    (options.steps, options.limit, options.workers, options.checks) = (3, 2, 1, false)
    let one = try attackModels(options)
    #expect(Set(one.rows.map(\.attack)) == Set(AttackOptions.names))
    for row in one.rows where row.norm != "severity" {
      #expect(row.meanSize ?? 0 <= Double(row.epsilon ?? 0) * 1.0001, "\(row.attack)")
    }
    options.output = folder.path("again")
    options.workers = 3
    let three = try attackModels(options)
    #expect(try one.json() == three.json())
    func outcomes(_ run: String) throws -> Set<Substring> {
      Set(try folder.text("\(run)/outcomes.jsonl").split(separator: "\n"))
    }
    let differing = try outcomes("attack").symmetricDifference(outcomes("again"))
    #expect(differing.isEmpty, "\(differing.sorted().joined(separator: "\n"))")
  }

  @Test("an imported network gives the same attack results as the exported one")
  func imported() throws {
    let (model, crops) = try trained()
    _ = try exportModel(at: model, to: folder.path("bright.onnx"))
    var take = ImportOptions(input: folder.path("bright.onnx"), output: folder.path("imported.safetensors"))
    take.name = "imported"
    _ = try importModel(take)
    var options = options(model, crops)
    options.models.append(folder.path("imported.safetensors"))
    options.attacks = ["fgsm", "pgd", "apgd", "deepfool", "ddn", "square", "pgd-l0", "sigma-zero"]
    options.budgets = [.linf: [0.05, 0.1], .l2: [3], .l0: [50]]
    options.steps = 10
    let rows = try attackModels(options).rows
    let half = rows.count / 2
    for (a, b) in zip(rows[..<half], rows[half...]) {
      #expect(a.attack == b.attack && a.model == "bright" && b.model == "imported")
      #expect(a.robustAccuracy == b.robustAccuracy && a.successes == b.successes, "\(a.attack)")
      #expect(abs((a.meanSize ?? 0) - (b.meanSize ?? 0)) < 0.01 * (a.meanSize ?? 1), "\(a.attack)")
    }
  }
}
