import Datasets
import Foundation
import TestSupport
import Testing
import TrainingSupport

@testable import Runs
@testable import Studies

@Suite("Study of the paper's experiment")
struct PaperStudyTests {
  private let folder = ScratchFolder()

  @Test("trains, measures and perturbs, compared with the reported figures; crops are resized as requested")
  func wholeStudy() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 48)
    var options = StudyOptions("paper", inputs: [crops], output: folder.path("out"))
    options.settings = .tinyPaper
    options.quiet = true
    let summary = try runStudy(options)
    let findings = try #require(summary.findings)
    #expect(summary.cells == 4)
    let reported = findings.tables[0]
    #expect(reported.rows[0][0] == "precision" && reported.rows[0][1] == "0.762 (DFDC)")
    #expect(findings.figures.contains { $0.name == "AUC" && $0.value > 0.9 && $0.count == 8 && $0.unit == "crops" })
    let perturbed = findings.tables[1].rows
    #expect(perturbed.map { $0[1] } == ["1/255", "0.5"])
    // Half the range hides any brightness, one level none.
    #expect(perturbed[0][6] == "0" && (Int(perturbed[1][6]) ?? 0) > 0, "\(findings.tables)")
    #expect(findings.pictures.count.isMultiple(of: 3) && !findings.pictures.isEmpty)
    #expect(findings.answer.contains("8 crops of 4 sources") && findings.answer.contains("76.2 %"))
    #expect(findings.limits.contains { $0.contains("256×256") })
    #expect(try CropSet(folder: folder.path("out/work/crops-32")).header.size == 32)
    let page = try folder.text("out/index.html")
    #expect(page.contains("0.762 (DFDC)") && page.contains("data:image/png"))
  }

  @Test("a named split is used, split and workers identify the study, and models are refused")
  func split() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 32)
    let items = try CropSet(folder: crops).items
    let split = try Split.make(items, seed: 9)
    try split.write(to: folder.path("split.json"))
    var options = StudyOptions("paper", inputs: [crops], output: folder.path("out"))
    options.settings = .tinyPaper
    options.settings.values["runs"] = ["1"]
    options.splitPath = folder.path("split.json")
    options.quiet = true
    let findings = try #require(try runStudy(options).findings)
    #expect(try Split(path: folder.path("out/work/paper-1.safetensors.split.json")).parts == split.parts)
    #expect(findings.method.contains { $0.contains("Split of \(folder.path("split.json"))") })
    options.workers = 1
    let fewer = #expect(throws: WorkflowError.self) { try runStudy(options) }
    #expect(fewer?.description.contains("workers was 2, is 1") == true)
    options.workers = 2
    try Split.make(items, seed: 10).write(to: folder.path("split.json"))
    let changed = #expect(throws: WorkflowError.self) { try runStudy(options) }
    #expect(changed?.description.contains("split was") == true)
    options.models = ["standard"]
    let refused = #expect(throws: WorkflowError.self) { try runStudy(options) }
    #expect(refused?.description.contains("omit --models") == true)
  }

  @Test("a missing model of a finished cell is named")
  func lostModel() throws {
    let crops = try SmallCropSet.make(in: folder, sources: 20, size: 32)
    var options = StudyOptions("paper", inputs: [crops], output: folder.path("out"))
    options.settings = .tinyPaper
    options.quiet = true
    _ = try runStudy(options)
    let kept = try folder.text("out/cells.jsonl").split(separator: "\n").prefix(2).joined(separator: "\n") + "\n"
    try folder.write(kept, to: "out/cells.jsonl")
    try FileManager.default.removeItem(atPath: folder.path("out/work/paper-1.safetensors"))
    let error = #expect(throws: WorkflowError.self) { try runStudy(options) }
    #expect(error?.description.contains("--restart") == true)
  }
}

extension StudySettings {
  /// Learns a small crop set in seconds.
  static let tinyPaper = StudySettings([
    "size": ["32"], "widths": ["4", "4", "4", "4"], "hidden": ["4"], "dropout": ["0.1"], "epochs": ["16"],
    "batch": ["8"], "learning-rate": ["0.02"], "augmentation": ["0.1"], "runs": ["2"], "attacks": ["pgd"],
    "epsilons": ["1/255", "0.5"], "steps": ["5"], "perturbed": ["4"],
  ])
}
