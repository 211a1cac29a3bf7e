package import Attacks
package import Faces
package import Scoring
import Training

/// Settings of `assay attack` on a crop set.
package struct AttackOptions: Sendable {
  /// Model files or `builtin`; `face-detector` alone attacks the face detector.
  package var models: [String]
  package var crops: String
  package var output: String
  /// What can stand in `attacks`.
  package static var names: [String] { AttackPlan.names }
  /// Those of them that a face detector can be attacked by.
  package static var namesWithoutGradients: [String] { AttackPlan.namesWithoutGradients }
  package var attacksFaceDetector: Bool { models.contains(DetectorTarget.name) }

  /// Names of attacks and distortions; empty for a usual choice.
  package var attacks: [String] = []
  /// Budgets by norm, on the [0, 1] scale and in pixels.
  package var budgets: [Norm: [Float]] = [:]
  /// Iterations of iterated attacks, queries in hundreds of those without gradients; nil for each one's own.
  package var steps: Int?
  /// Random starts of PGD, Auto-PGD and FAB.
  package var restarts = 1
  /// Each model is attacked without a defence, and behind each of these with attacks that do not know it and with
  /// attacks that do.
  package var defences: [DefenceName] = []
  /// Runs the checks for masked gradients.
  package var checks = true
  /// Certifies the smoothed models; nil does not.
  package var certify: CertifyOptions?
  /// Fits and measures the flag for perturbed input at this rate of false alarms; nil does not.
  package var flagRate: Double?
  /// Face detector that is asked whether it still finds the faces; nil asks none.
  package var detector: FaceDetectorChoice? = FaceDetectorChoice(.hog)
  /// Models that the perturbations are made on, to be tried on `models`; empty attacks each model itself.
  package var sources: [String] = []
  /// `train`, `validation`, `test` or `all`.
  package var part = "test"
  package var splitPath: String?
  /// Crops of each class at most; whole videos and pictures are taken.
  package var limit = 50
  /// Perturbations are brought to 8-bit values before they count, as a picture holds them.
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
