import Attacks
import Compute
import Datasets
import Foundation
import Imaging
import Models
import NeuralNet
import TestSupport
import Testing
import TrainingSupport
import Verdicts

@testable import RedTeam
@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Attacks on models")
struct AttackTests {
  private let folder = ScratchFolder()

  /// A model that has learned brightness, which small changes hide.
  private func trained(size: Int = 48) throws -> (model: String, crops: String) {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: size)
    let options = TrainOptions.small("bright", crops: crops, in: folder)
    _ = try trainDetector(options)
    return (options.output, crops)
  }

  private func options(_ model: String, _ crops: String, output: String = "attack") -> AttackOptions {
    var options = AttackOptions(models: [model], crops: crops, output: folder.path(output))
    options.attacks = ["fgsm", "pgd", "universal", "pgd-l2"]
    options.budgets = [.linf: [0, 4 / 255, 0.5], .l2: [40]]
    options.steps = 5
    options.part = .all
    options.limit = 6
    options.quiet = true
    return options
  }

  @Test("a grid of attacks yields tables, curves and pictures of a model's robustness")
  func grid() throws {
    let (model, crops) = try trained()
    let summary = try attackModels(options(model, crops))
    #expect(
      summary.rows.map(\.attack) == [
        "fgsm", "fgsm", "fgsm", "pgd", "pgd", "pgd", "universal", "universal",
        "universal", "pgd-l2",
      ])
    for row in summary.rows {
      #expect(row.crops == 12)
      #expect(row.robustAccuracy <= row.cleanAccuracy)
      #expect(row.initiallyCorrect - row.successes == Int((row.robustAccuracy * 12).rounded()))
      if row.epsilon == 0 { #expect(row.robustAccuracy == row.cleanAccuracy && row.meanSize == nil) }
      if let size = row.meanSize, let epsilon = row.epsilon { #expect(size <= Double(epsilon) * 1.0001) }
    }
    // Half the range hides any brightness.
    let strong = try #require(summary.rows.first { $0.attack == "pgd" && $0.epsilon == 0.5 })
    #expect(strong.cleanAccuracy > 0.9 && strong.robustAccuracy == 0)
    #expect(strong.robustAUC ?? 1 < 0.5)
    let page = try folder.text("attack/index.html")
    #expect(page.contains("robust accuracy") && page.contains("data:image/png"))
    let csv = try folder.text("attack/attack.csv").split(separator: "\r\n")
    #expect(
      csv.count == 11 && csv.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 31 })
    #expect(try JSONDecoder().decode(AttackFindings.self, from: Data(summary.json().utf8)).rows.count == 10)
  }

  @Test("rows record in how many frames the face detector still finds the faces, and the gaps")
  func detection() throws {
    let crops = try DrawnFaceCrops.make(in: folder)
    var build = NetworkBuilder(inputShape: [3, 160, 160], seed: 1)
    build.flatten("flat")
    build.linear("logit", features: 1)
    let model = try DetectorModel(
      name: "any", network: build.network, preprocessing: Preprocessing(),
      cropSettings: .init(detector: "standard", size: 160),
      card: ModelCard(trainingData: "none", intendedUse: "tests", limits: "all", licence: "MIT"))
    try model.write(to: folder.path("any.safetensors"))
    var options = options(folder.path("any.safetensors"), crops)
    (options.attacks, options.budgets, options.checks) = (["fgsm"], [.linf: [0, 1]], false)
    let summary = try attackModels(options)
    let clean = try #require(summary.rows.first { $0.epsilon == 0 }?.detection)
    // Two videos of four frames each; the third frame shows a wall instead of the face.
    #expect(clean.clean.frames == 8 && clean.clean.withFaces == 6 && clean.clean.gaps == 2)
    #expect(clean.perturbed == clean.clean)
    // The whole range leaves noise of the one video whose faces were initially correct.
    let lost = try #require(summary.rows.last?.detection)
    #expect(lost.clean == clean.clean && lost.perturbed.withFaces == 3 && lost.perturbed.gaps == 1, "\(lost)")
    #expect(summary.table.contains("6 → 3 of 8"))
    #expect(try folder.text("attack/attack.csv").contains(",8,6,6,2,2\r\n"))
    options.detector = nil
    let error = #expect(throws: WorkflowError.self) { try attackModels(options) }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("other settings"))
    options.output = folder.path("unasked")
    #expect(try attackModels(options).rows.allSatisfy { $0.detection == nil })
  }

  @Test("gaps are counted per track of a video, and a video whose faces vanish is never judged real")
  func blinded() throws {
    let crops = try DrawnFaceCrops.make(in: folder)
    let set = try CropSet(folder: crops)
    func record(_ path: String, _ track: Int, _ seconds: Double) -> CropRecord {
      var record = set.records[0]
      (record.item.path, record.track, record.seconds) = (path, track, seconds)
      return record
    }
    // Not in order of time; the second video's face is as if it followed on the first one's.
    let records = [
      record("a", 0, 2), record("a", 0, 0), record("a", 0, 1), record("a", 1, 1), record("b", 0, 0), record("b", 0, 1),
    ]
    func change(_ after: [Bool]) -> DetectionChange? {
      DetectionChange(records, after.map { FaceSighting(before: true, after: $0) })
    }
    let lost = try #require(change([true, true, false, true, false, true]))
    #expect(lost.clean.frames == 5 && lost.clean.withFaces == 5 && lost.clean.gaps == 0 && lost.clean.tracks == 3)
    #expect(lost.perturbed.gaps == 1 && lost.perturbed.framesInGaps == 1 && lost.perturbed.withFaces == 4)
    #expect(DetectionChange(records, [nil] + (0..<5).map { _ in FaceSighting(before: true, after: true) }) == nil)

    let loaded = try loadModel(at: nil)
    var options = options("builtin", crops)
    (options.checks, options.attacks) = (false, ["fgsm"])
    try FileManager.default.createDirectory(atPath: folder.path("log"), withIntermediateDirectories: true)
    let grid = AttackGrid(
      options: options, set: set, plan: try AttackPlan(options, set: set, models: [loaded]),
      targets: [AttackModel(loaded)], sources: [], log: try AttackLog(folder: folder.path("log"), settings: [:]))
    let labels = grid.plan.crops.map { set.trueClass(at: $0) == .fake }
    let right = labels.map { $0 ? 1.0 : -1 }
    let accuracy = CropAccuracy(grid, labels: labels)
    #expect(accuracy.videoAccuracy(right) == 1)
    let seen = labels.map { _ in FaceSighting(before: true, after: true) }
    #expect(accuracy.videoAccuracy(right, seen) == 1)
    // Of the real video nothing is left to judge; that the fake one's vanished too does not clear it.
    let vanished = labels.map { _ in FaceSighting(before: true, after: false) }
    #expect(accuracy.videoAccuracy(right, vanished) == 0.5)
    #expect(accuracy.videoAccuracy(labels.map { _ in -1 }, vanished) == 0)
  }

  @Test("several models are compared, and the worst case over all attacks counts for each crop")
  func worst() throws {
    let (model, crops) = try trained()
    var options = options(model, crops)
    options.models = [model, model]
    options.attacks = ["fgsm", "pgd", "auto-l0"]
    options.budgets = [.linf: [4 / 255, 0.2], .l0: [20]]
    let findings = try attackModels(options).findings
    #expect(findings.rows.count == 10 && findings.robustness.count == 2)
    let row = findings.robustness[1]
    #expect(row.budgets.map(\.budget) == ["4/255", "51/255", "20 pixels"])
    #expect(row.budgets.map(\.attacks) == [["fgsm", "pgd"], ["fgsm", "pgd"], ["auto-l0"]])
    for budget in row.budgets {
      let single = findings.rows.filter { $0.norm == budget.norm && $0.epsilon == budget.epsilon }
      #expect(single.allSatisfy { budget.robustAccuracy <= $0.robustAccuracy })
      #expect(budget.robustAccuracy <= row.cleanAccuracy)
    }
    #expect(try folder.text("attack/index.html").contains("Worst case over all attacks"))
  }

  @Test("distortions have five severities, and the worst of several variants counts", arguments: Distortion.allCases)
  func distortions(_ distortion: Distortion) throws {
    var generator = SeededGenerator(seed: 1)
    let pixels = (0..<(64 * 64 * 3)).map { (place: Int) -> UInt8 in
      let (column, row) = (place / 3 % 64, place / 192)
      return UInt8(64 + column + row + Int(generator.next() >> 61))
    }
    let crop = Frame(width: 64, height: 64, pixels: pixels)
    var distances: [Double] = []
    for severity in Distortion.severities {
      let frames = try distortion.apply(to: crop, severity: severity, using: &generator)
      #expect(frames.allSatisfy { $0.width == 64 && $0.height == 64 })
      distances.append(frames.map { distance($0, crop) }.max() ?? 0)
    }
    #expect(distances.allSatisfy { $0 > 0 } && distances[4] > distances[0])
    if distortion == .spatial {
      // Unmoved in the middle of the 27 ways.
      #expect(try distortion.apply(to: crop, severity: 3, using: &generator)[13] == crop)
    }
  }

  @Test("distortions run together with attacks")
  func mixed() throws {
    let (model, crops) = try trained()
    var options = options(model, crops)
    options.attacks = ["gamma", "h264", "fgsm"]
    let rows = try attackModels(options).rows
    #expect(rows.count == 13)
    #expect(rows[0].norm == "severity" && rows[0].budget == "severity 1" && rows[0].meanSize == nil)
    #expect(try folder.text("attack/curve-severity.svg").contains("severity"))
  }

  @Test("an interrupted run resumes, and does not depend on workers")
  func resumes() throws {
    let (model, crops) = try trained()
    var first = options(model, crops)
    first.workers = 1
    let whole = try attackModels(first)
    var second = options(model, crops, output: "again")
    second.workers = 3
    _ = try attackModels(second)
    // As if it had been killed in the middle of a line.
    let log = folder.path("again/outcomes.jsonl")
    let lines = try folder.text("again/outcomes.jsonl")
    try Data(lines.utf8.prefix(lines.utf8.count * 2 / 3)).write(to: URL(filePath: log))
    let resumed = try attackModels(second)
    #expect(try whole.json() == resumed.json())
    #expect(
      try Set(folder.text("attack/outcomes.jsonl").split(separator: "\n"))
        == Set(folder.text("again/outcomes.jsonl").split(separator: "\n")))

    second.seed = 2
    let error = #expect(throws: WorkflowError.self) { try attackModels(second) }
    #expect(error.map { "\($0)".contains("other settings") } == true)
  }

  @Test("training crops are drawn only for attacks that need them")
  func trainingCrops() throws {
    let (model, crops) = try trained(size: 32)
    let set = try CropSet(folder: crops)
    var options = options(model, crops)
    options.part = .test
    func trainingCrops() throws -> [Int] {
      try AttackPlan(options, set: set, models: [loadModel(at: model)]).trainingCrops
    }
    let split = try Split(path: model + ".split.json")
    #expect(try trainingCrops() == split.indices(of: .validation, in: set.items))
    // A split without a validation part, such as an ensemble's, and one with a test part alone.
    var parts = split
    parts.parts = split.parts.filter { $0.value != .validation }
    try parts.write(to: folder.path("parts.json"))
    options.splitPath = folder.path("parts.json")
    #expect(try trainingCrops() == split.indices(of: .train, in: set.items))
    parts.parts = split.parts.filter { $0.value == .test }
    try parts.write(to: folder.path("parts.json"))
    let error = #expect(throws: WorkflowError.self) { try trainingCrops() }
    #expect(error?.description.contains("'universal' has no real and fake training crops") == true)
    options.attacks = ["fgsm"]
    #expect(try trainingCrops().isEmpty)
  }

  @Test("a run is identified by the content of its crops, not their path")
  func otherCrops() throws {
    let (model, crops) = try trained(size: 32)
    var options = options(model, crops)
    (options.attacks, options.checks) = (["fgsm"], false)
    let before = try attackModels(options).json()
    let moved = folder.path("moved")
    try FileManager.default.moveItem(atPath: crops, toPath: moved)
    options.crops = moved
    #expect(try attackModels(options).json() == before)
    // Others under the same path.
    _ = try SmallCropSet.make(in: folder, sources: 12, size: 32)
    options.crops = crops
    let error = #expect(throws: WorkflowError.self) { try attackModels(options) }
    #expect(error?.description.contains("other settings") == true)
  }

  @Test(
    "a budget out of its norm's range is refused",
    arguments: [(.linf, 8), (.linf, 1e20), (.l2, 56), (.l0, 0.5), (.l0, 1025), (.l0, 1e30), (.l0, 0)]
      as [(Norm, Float)])
  func wrongBudgets(norm: Norm, epsilon: Float) throws {
    let error = #expect(throws: WorkflowError.self) {
      try BudgetRange.check(epsilon, in: norm, side: 32, name: "--budget")
    }
    #expect(error?.description.hasPrefix("--budget is ") == true)
  }

  @Test(
    "budgets up to the full range are accepted",
    arguments: [(.linf, 0), (.linf, 1), (.l2, 55), (.l0, 1), (.l0, 1024)] as [(Norm, Float)])
  func budgets(norm: Norm, epsilon: Float) throws {
    try BudgetRange.check(epsilon, in: norm, side: 32, name: "--budget")
  }

  @Test("invalid targets are refused before any work")
  func refusals() throws {
    let (model, crops) = try trained()
    var unknown = options(model, crops)
    unknown.attacks = ["fgsm", "magic"]
    var error = #expect(throws: WorkflowError.self) { try attackModels(unknown) }
    #expect(error.map { "\($0)".contains("'magic'") && "\($0)".contains("hopskipjump") } == true)
    let small = #expect(throws: DatasetsError.self) { try attackModels(options("builtin", crops, output: "other")) }
    #expect(small.map { "\($0)".contains("48 pixels") && "\($0)".contains("--size") } == true)
    var aimless = options(model, crops, output: "third")
    aimless.attacks = ["pgd-l0"]
    error = #expect(throws: WorkflowError.self) { try attackModels(aimless) }
    #expect(error.map { "\($0)".contains("--l0") } == true)
    aimless.budgets = [.l0: [1e30]]
    error = #expect(throws: WorkflowError.self) { try attackModels(aimless) }
    #expect(error.map { "\($0)".contains("from 1 to 2304") } == true)
  }

  @Test("crops that any of the models was trained on are refused as a test part")
  func exposure() throws {
    let (model, crops) = try trained(size: 32)
    var other = TrainOptions.small("other", crops: crops, in: folder)
    (other.seed, other.epochs) = (5, 1)
    _ = try trainDetector(other)
    var options = options(model, crops)
    (options.part, options.attacks) = (.test, ["fgsm"])
    options.models.append(other.output)
    let error = #expect(throws: WorkflowError.self) { try attackModels(options) }
    #expect(
      error.map {
        "\($0)".contains("other was trained or selected on") && "\($0)".contains("evaluate the models separately")
      } == true)
    options.models = [model]
    #expect(try attackModels(options).rows.count == 3)
  }

  @Test("transferred perturbations are judged by the attacked model")
  func transfer() throws {
    let (model, crops) = try trained()
    var transfer = options(model, crops)
    transfer.sources = [model]
    transfer.attacks = ["pgd"]
    transfer.budgets = [.linf: [0.5]]
    let row = try #require(try attackModels(transfer).rows.first)
    #expect(row.robustAccuracy == 0 && row.meanGradients > 0)
  }

  private func distance(_ a: Frame, _ b: Frame) -> Double {
    var sum = 0.0
    for (x, y) in zip(a.pixels, b.pixels) { sum += pow(Double(x) - Double(y), 2) }
    return sum
  }
}
