import Foundation
import TestSupport
import Testing
import TrainingSupport

@testable import Runs
@testable import Studies
@testable import Training

@Suite("Study of generated training data")
struct GANStudyTests {
  private let folder = ScratchFolder()

  @Test("every arm is trained and measured on both sets, with a generator per fraction and seed")
  func wholeStudy() throws {
    let crops = try SmallCropSet.drawnFaces(in: folder, sources: 60, size: 32)
    let other = try SmallCropSet.make(in: folder, sources: 6, size: 32)
    let opinion = folder.path("features.safetensors")
    var options = StudyOptions("gan", inputs: [crops, other], output: folder.path("out"))
    options.settings = StudySettings([
      "network": ["paper-cnn"], "fractions": ["50", "100"], "seeds": ["1"], "gan-size": ["16"], "gan-width": ["4"],
      "gan-steps": ["8"], "gan-batch": ["8"], "gan-fraction": ["0.2"], "blending": ["0.2"], "draws": ["2"],
      "features": [opinion], "pictures": ["20"], "size": ["32"], "steps": ["6"], "batch": ["8"],
      "widths": ["8", "8", "16", "16"], "hidden": ["16"], "dropout": ["0.5"], "learning-rate": ["0.01"],
      "augmentation": ["0.1"], "validation": ["4"], "attack": ["fgsm"],
      "epsilon": ["1/255"], "attack-steps": ["1"], "attacked": ["4"],
    ])
    options.quiet = true
    // The features of a detector that was trained on the same crops.
    var features = TrainOptions.small("features.safetensors", crops: crops, in: folder)
    features.epochs = 1
    features.hidden = 8
    _ = try trainDetector(features)
    let findings = try #require(try runStudy(options).findings)
    #expect(findings.tables.count == 3)
    for table in findings.tables.prefix(2) {
      #expect(table.rows.map { $0[0] } == GANStudy.Arm.allCases.map(\.rawValue))
      #expect(table.rows.allSatisfy { $0.count == 7 && $0[1] != "-" && $0[5] != "-" })
    }
    #expect(findings.tables[2].rows.map { $0[0] } == ["50 %", "100 %"])
    #expect(findings.tables[2].rows.allSatisfy { $0[1] == "features.safetensors" && (Double($0[2]) ?? 0) > 0 })
    #expect(findings.figures.contains { $0.subject == "with generated fakes, 100 %" && $0.count == 24 })
    #expect(findings.answer.contains("On 50 % of the data") && findings.answer.contains("other data set"))
    let page = try folder.text("out/index.html")
    #expect(page.contains("adversarial self-blending") && page.contains("<svg"))

    // Started once more it knows both sets.
    #expect(try runStudy(options).findings?.answer == findings.answer)
    let settings = try folder.text("out/settings.json")
    #expect(settings.contains("\"crops\"") && settings.contains("\"other crops\""))

    options.inputs = [crops, other, crops]
    #expect(throws: WorkflowError.self) { try runStudy(options) }
  }
}
