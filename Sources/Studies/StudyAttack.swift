import Attacks
import Datasets
import Imaging
import Models
import Runs
import Scoring

/// One attack at one budget on crops of a study, with the visibility of each perturbation.
struct StudyAttack: Sendable {
  let set: CropSet
  let model: AttackModel
  let attack: any Attack
  /// On the [0, 1] scale; pixels for ℓ0.
  let epsilon: Float
  let seed: UInt64
  /// Whether the attack runs to completion instead of stopping at misclassification.
  var goesOn = false

  /// Result for one crop.
  struct Outcome: Sendable {
    var attack: AttackOutcome
    /// SSIM of the perturbed crop against the clean one; 1 if unchanged.
    var similarity: Double
    /// In dB; nil if unchanged.
    var psnr: Double?
  }

  /// The attack with this name in the catalogue.
  ///
  /// - Throws: `WorkflowError.settings` when there is none.
  static func named(_ name: String, steps: Int?) throws(WorkflowError) -> any Attack {
    guard let attack = AttackCatalog.attack(name, steps: steps) else {
      throw .usage("there is no attack '\(name)'; there are \(AttackCatalog.names.joined(separator: ", "))")
    }
    return attack
  }

  /// A crop at the model's input size.
  func frame(at crop: Int) -> Frame {
    let size = model.loaded.detector.cropSettings.size
    return set.frame(at: crop).resized(width: size, height: size)
  }

  /// The perturbed crop and its outcome; independent of earlier attacks.
  func perturb(_ crop: Int, _ oracle: any GradientOracle) throws -> (crop: CropPixels, outcome: AttackOutcome) {
    let frame = frame(at: crop)
    return try AttackRunner(oracle, goesOn: goesOn).run(
      attack, on: CropPixels(width: frame.width, height: frame.height, bytes: frame.pixels),
      truth: set.trueClass(at: crop), epsilon: epsilon, seed: seed, item: crop)
  }

  /// - Returns: outcomes in the order of the crops; nil when the run was interrupted.
  func run(on crops: [Int], _ bench: StudyBench) throws -> [Outcome]? {
    try bench.map(crops.count, context: { try model.oracle() }) { oracle, index in
      let original = frame(at: crops[index])
      let (perturbed, outcome) = try perturb(crops[index], oracle)
      let changed = Frame(width: original.width, height: original.height, pixels: perturbed.bytes)
      guard changed != original else { return Outcome(attack: outcome, similarity: 1, psnr: nil) }
      var error = PictureError()
      error.add(changed.pixels.span, insteadOf: original.pixels.span)
      return Outcome(attack: outcome, similarity: original.structuralSimilarity(to: changed), psnr: error.psnr)
    }
  }
}
