import Attacks
import Datasets
import Faces
import Foundation
import Imaging
import TestSupport
import Testing
import Verdicts

@testable import Decoder
@testable import RedTeam
@testable import Runs
@testable import Scoring
@testable import Training

@Suite("Attacks on the face detector")
struct DetectorAttackTests {
  private let folder = ScratchFolder()

  private func options(_ crops: String, output: String = "attack") -> AttackOptions {
    var options = AttackOptions(models: ["face-detector"], crops: crops, output: folder.path(output))
    options.limit = 4
    options.quiet = true
    return options
  }

  @Test("the oracle reports whether the face detector finds the crop's face, without a margin for missed faces")
  func oracle() throws {
    let set = try CropSet(folder: try DrawnFaceCrops.make(in: folder))
    let search = try CropSearch(FaceDetectorChoice.usual, framing: FaceFraming(margin: 0.3))
    let oracle = DetectorOracle(search)
    let (face, wall) = (set.attackPixels(at: 0), set.attackPixels(at: 2))
    #expect(try search.findsFace(in: face.frame) && !search.findsFace(in: wall.frame))
    // A clear face.
    #expect(try oracle.logit(of: face) > 0.5)
    #expect(try oracle.logit(of: wall) == -1)
    #expect(oracle.queries == 2 && oracle.gradients == 0)
  }

  @Test("the oracle's gradient is that of central differences, through the resize to the detector's size")
  func gradient() throws {
    let set = try CropSet(folder: try DrawnFaceCrops.make(in: folder))
    let oracle = DetectorOracle(try CropSearch(FaceDetectorChoice(.standard), framing: FaceFraming(margin: 0.3)))
    let x = set.attackPixels(at: 0)
    let (_, gradient) = try oracle.gradient(at: x)
    #expect(oracle.gradients == 1 && gradient.count == x.values.count)
    // Along the gradient itself, over a step at which the network is close to linear.
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    try #require(norm > 0)
    func logit(_ step: Float) throws -> Float {
      var moved = x
      for i in moved.values.indices { moved.values[i] += step * gradient[i] / norm }
      return try oracle.gradient(at: moved).logit
    }
    let slope = (try logit(0.02) - logit(-0.02)) / 0.04
    #expect(abs(slope - norm) < 0.05 * norm)
  }

  @Test("white-box attacks hide faces with less than black-box attacks need")
  func whiteBox() throws {
    var options = options(try DrawnFaceCrops.make(in: folder))
    options.detector = FaceDetectorChoice(.standard)
    options.attacks = ["pgd", "square"]
    options.budgets = [.linf: [0.08]]
    options.steps = 5
    let rows = try attackModels(options).rows
    let (pgd, square) = (
      try #require(rows.first { $0.attack == "pgd" }), try #require(rows.first { $0.attack == "square" })
    )
    #expect(pgd.successes > 0 && pgd.successes >= square.successes)
    #expect(pgd.meanGradients > 0 && square.meanGradients == 0)
  }

  @Test("black-box attacks hide faces; rows count found faces of real and fake videos alike")
  func hidden() throws {
    var options = options(try DrawnFaceCrops.make(in: folder))
    options.attacks = ["square", "nes", "noise"]
    options.budgets = [.linf: [0, 0.5]]
    options.steps = 1
    let summary = try attackModels(options)
    let square = summary.rows.filter { $0.attack == "square" }
    let untouched = try #require(square.first)
    // Two videos of four frames, one of which shows a wall.
    #expect(untouched.model.hasPrefix("standard-"))
    #expect(untouched.crops == 8 && untouched.initiallyCorrect == 6)
    #expect(untouched.cleanAccuracy == 0.75 && untouched.robustAccuracy == 0.75 && untouched.successes == 0)
    let hidden = try #require(square.last)
    #expect(hidden.successes > 0 && hidden.robustAccuracy < 0.75)
    let detection = try #require(hidden.detection)
    #expect(detection.clean.withFaces == 6 && detection.perturbed.withFaces == 6 - hidden.successes)
    #expect(hidden.cleanAUC == nil && hidden.cleanVideoAccuracy == nil && hidden.meanGradients == 0)
    #expect(summary.rows.filter { $0.attack == "noise" }.count == 5)
    // They look for masked gradients, of which there are none here.
    #expect(summary.findings.checks.isEmpty)
    // Without a split there are no parts.
    let page = try folder.text("attack/index.html")
    #expect(page.contains("not found") && page.contains("8 crops of \(options.crops), seed 1"))
  }

  @Test("options that need a classifier are refused with a remedy")
  func refusals() throws {
    let crops = try DrawnFaceCrops.make(in: folder)
    func refusal(_ change: (inout AttackOptions) -> Void) -> String {
      var options = options(crops)
      options.budgets = [.linf: [0.1]]
      change(&options)
      let error = #expect(throws: WorkflowError.self) { try attackModels(options) }
      return error.map(String.init(describing:)) ?? ""
    }
    #expect(refusal { $0.attacks = ["universal"] }.contains("square"))
    #expect(refusal { $0.attacks = ["squre"] }.contains("unknown attack 'squre'"))
    #expect(refusal { $0.models = ["face-detector", "builtin"] }.contains("alone"))
    let defence = try DefenceName("jpeg:75")
    #expect(refusal { $0.defences = [defence] }.contains("--defence"))
    #expect(refusal { ($0.flagRate, $0.sources) = (0.1, ["builtin"]) }.contains("--detect-perturbed, --transfer-from"))
    #expect(refusal { $0.detector = nil }.contains("whole-frame"))
  }
}
