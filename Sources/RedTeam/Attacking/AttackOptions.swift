package import Attacks
package import Datasets
package import Faces
package import Scoring
import Training

/// Settings of `assay attack` on a crop set.
package struct AttackOptions: Sendable {
  /// Model files or `builtin`; `face-detector` alone attacks the face detector.
  package var models: [String]
  package var crops: String
  package var output: String
  /// Valid values of `attacks`.
  package static var names: [String] { AttackPlan.names }
  /// Valid values of `attacks` on the face detector.
  package static var faceDetectorNames: [String] { names.filter { $0 != DetectorTarget.unfitAttack } }
  package var attacksFaceDetector: Bool { models.contains(DetectorTarget.name) }

  /// Names of attacks and distortions; empty for the default selection.
  package var attacks: [String] = []
  /// Budgets by norm, on the [0, 1] scale and in pixels.
  package var budgets: [Norm: [Float]] = [:]
  /// Iterations of iterative attacks, hundreds of queries of black-box attacks; nil for each attack's default.
  package var steps: Int?
  /// Random starts of PGD, Auto-PGD and FAB.
  package var restarts = 1
  /// Each model is attacked without a defence, and behind each of these with attacks that do not know it and with
  /// attacks that do.
  package var defences: [DefenceName] = []
  /// Whether to run the checks for gradient masking.
  package var checks = true
  /// Certification of the smoothed models, if any.
  package var certify: CertifyOptions?
  /// Target false alarm rate for fitting and measuring the perturbed-input flag; nil to skip it.
  package var flagRate: Double?
  /// Face detector that is asked whether it still finds the faces; nil asks none.
  package var detector: FaceDetectorChoice? = FaceDetectorChoice.usual
  /// Surrogates on which perturbations are computed for transfer to `models`; empty to attack each model directly.
  package var sources: [String] = []
  package var part = PartSelection.test
  package var splitPath: String?
  /// Maximum number of crops per class; videos and pictures are included as a whole.
  package var limit = 50
  /// Whether perturbed crops are rounded to 8-bit values before evaluation, as in a picture file.
  package var eightBit = true
  package var seed: UInt64 = 1
  package var workers = 2
  package var quiet = false

  package init(models: [String], crops: String, output: String) {
    self.models = models
    self.crops = crops
    self.output = output
  }
}
