import Foundation

/// What decides the verdicts of a scan; two scans with equal settings give equal manifests for equal files.
public struct ScanSettings: Sendable, Codable, Equatable {
  /// Frames to sample from each video.
  public var frames = 16
  /// How frames are decoded: `exact`, or the approximate `fast` and `keyframes`.
  public var decode = "exact"
  /// Where faces come from: `detect`, or `whole-frame` for footage that is already cropped.
  public var faces = "detect"
  /// The face detector's name.
  public var detector = "hog"
  /// ONNX file of the detector; nil for one that needs none.
  public var detectorModel: String?
  /// Score from which a video counts as fake; nil takes the model's own thresholds.
  public var threshold: Double?
  /// Wall-clock seconds one video may take in the decoder.
  public var timeoutSeconds = 300
  /// Address space of one decoder process, in MiB.
  public var decoderMemoryMiB = 4096

  /// The attack that the faces go through beside being scored as they are; nil for none.
  public var perturb: PerturbSettings?
  /// Looks for the smallest perturbation that turns the verdict of flagged and undecided videos.
  public var margin = false
  /// What the faces go through in front of the network, as `DefenceName` reads it; nil for nothing.
  public var defence: String?
  /// File of the flag for perturbed input, or a built-in model's name; nil looks for none.
  public var perturbedFlag: String?
  /// A model that is asked beside the one that the verdict is of; nil asks none.
  public var secondOpinion: String?
  /// Codes videos once more whose score is undecided or this near to a threshold; nil codes none.
  public var recompressDistance: Double?

  public init() {}

  /// For a quick look: key frames, and nothing beside the score.
  var quickLook: ScanSettings {
    var settings = self
    settings.decode = "keyframes"
    settings.perturb = nil
    settings.margin = false
    settings.recompressDistance = nil
    settings.secondOpinion = nil
    return settings
  }
}

/// An attack inside a scan.
public struct PerturbSettings: Sendable, Codable, Equatable {
  /// A name of the catalogue.
  public var attack: String
  /// `linf`, `l2` or `l0`; nil for the attack's own.
  public var norm: String?
  /// On the [0, 1] pixel scale; pixels for ℓ0.
  public var epsilon: Float
  /// Iterations, or queries in hundreds; nil for the attack's own.
  public var steps: Int?
  /// Attacks the video's verdict with all faces together, instead of each face's own class.
  public var adaptive = false
  public var seed: UInt64 = 1

  public init(attack: String, epsilon: Float) {
    self.attack = attack
    self.epsilon = epsilon
  }
}

/// How a scan runs: nothing in here changes a verdict.
public struct ScanOptions: Sendable {
  public var inputs: [[UInt8]] = []
  public var followSymlinks = false
  /// Stop after this many videos.
  public var limit: Int?
  /// Folder of the manifests; made when it is missing.
  public var output = ""
  /// Model file; nil takes the built-in one.
  public var modelPath: String?
  /// Decoder processes at once.
  public var workers = 2
  /// Crops in one pass through the network.
  public var batch = 32
  /// What `submission.csv` holds for a video without a score; nil leaves the number out.
  public var submissionMissing: Double?
  /// Files after which a decoder process is replaced by a fresh one.
  public var filesPerWorker = 200
  /// No progress on stderr.
  public var quiet = false
  /// Log lines on stderr instead of the progress line; nil for none.
  public var logFormat: LogFormat?
  /// Prometheus text file that is written at the end; nil for none.
  public var metricsPath: String?
  /// Who is told of flagged videos when the manifests are written; nil for nobody.
  public var export: ExportOptions?
  /// Known fakes that are scanned too; nil for none.
  public var canaries: CanaryOptions?
  /// Seconds after which no further video is begun. Each new one gets a quick look first, and what is uncertain then a
  /// whole one; nil for whole looks at all, however long they take.
  public var budgetSeconds: Double?
  /// What earlier runs are good for.
  public var ledger = LedgerOptions()

  public init() {}
}
