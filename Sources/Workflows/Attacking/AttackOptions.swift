public import Attacks

/// Settings of `assay attack` on a crop set.
public struct AttackOptions: Sendable {
  /// Model files or `builtin`; `face-detector` alone attacks the face detector.
  public var models: [String]
  public var crops: String
  public var output: String
  /// What can stand in `attacks`.
  public static var names: [String] { AttackPlan.names }
  /// Those of them that a face detector can be attacked by.
  public static var namesWithoutGradients: [String] { AttackPlan.namesWithoutGradients }
  public var attacksFaceDetector: Bool { models.contains(DetectorTarget.name) }

  /// Names of attacks and distortions; empty for a usual choice.
  public var attacks: [String] = []
  /// Budgets by norm, on the [0, 1] scale and in pixels.
  public var budgets: [Norm: [Float]] = [:]
  /// Iterations of iterated attacks, queries in hundreds of those without gradients; nil for each one's own.
  public var steps: Int?
  /// Random starts of PGD, Auto-PGD and FAB.
  public var restarts = 1
  /// Defences, as `DefenceName` reads them; each model is attacked without one, and behind each with attacks that do not
  /// know it and with attacks that do.
  public var defences: [String] = []
  /// Runs the checks for masked gradients.
  public var checks = true
  /// Certifies the smoothed models; nil does not.
  public var certify: CertifyOptions?
  /// Fits and measures the flag for perturbed input at this rate of false alarms; nil does not.
  public var flagRate: Double?
  /// Face detector that is asked whether it still finds the faces, `hog` or `yunet`; nil asks none.
  public var detector: String? = "hog"
  /// ONNX file of `yunet`.
  public var detectorModel: String?
  /// Models that the perturbations are made on, to be tried on `models`; empty attacks each model itself.
  public var sources: [String] = []
  /// `train`, `validation`, `test` or `all`.
  public var part = "test"
  public var splitPath: String?
  /// Crops of each class at most; whole videos and pictures are taken.
  public var limit = 50
  /// Perturbations are brought to 8-bit values before they count, as a picture holds them.
  public var eightBit = true
  public var seed: UInt64 = 1
  public var workers = 2
  public var quiet = false

  public init(models: [String], crops: String, output: String) {
    self.models = models
    self.crops = crops
    self.output = output
  }
}
