package import Decoder
package import Faces
package import Media
package import Runs
package import Scoring

/// What decides the verdicts of a scan; two scans with equal settings give equal manifests for equal files.
package struct ScanSettings: Sendable, Codable, Equatable {
  /// Frames to sample from each video.
  package var frames = 16
  package var decode = DecodeMode.exact
  /// `wholeFrame` for footage that is already cropped.
  package var faces = FaceOrigin.detect
  package var detector = FaceDetectorKind.hog
  /// Model file of the face detector; nil for one that needs none.
  package var detectorModel: String?
  /// Score from which a video counts as fake; nil takes the model's own thresholds.
  package var threshold: Double?
  /// Wall-clock seconds one video may take in the decoder.
  package var timeoutSeconds = 300
  /// Address space of one decoder process, in MiB.
  package var decoderMemoryMiB = DecoderClient.defaultMemoryMiB

  /// Attack on the faces, which are scored as they are too; nil for none.
  package var perturb: PerturbSettings?
  /// Looks for the smallest perturbation that turns the verdict of flagged and undecided videos.
  package var margin = false
  /// Input-transformation defence applied before the network; nil for none.
  package var defence: DefenceName?
  /// File of the flag for perturbed input, or a built-in model's name; nil looks for none.
  package var perturbedFlag: String?
  /// A model that is asked beside the one that the verdict is of; nil asks none.
  package var secondOpinion: String?
  /// Codes videos once more whose score is undecided or this near to a threshold; nil codes none.
  package var recompressDistance: Double?

  package init() {}

  package var faceDetector: FaceDetectorChoice { FaceDetectorChoice(detector, modelPath: detectorModel) }

  /// For a quick look: key frames, and nothing beside the score.
  var quickLook: ScanSettings {
    var settings = self
    settings.decode = .keyframes
    settings.perturb = nil
    settings.margin = false
    settings.recompressDistance = nil
    settings.secondOpinion = nil
    return settings
  }
}

/// How a scan runs: nothing in here changes a verdict.
package struct ScanOptions: Sendable {
  package var inputs: [[UInt8]] = []
  package var followSymlinks = false
  /// Stop after this many videos.
  package var limit: Int?
  /// Folder of the manifests; made when it is missing.
  package var output = ""
  /// Model file; nil takes the built-in one.
  package var modelPath: String?
  /// Decoder processes at once.
  package var workers = 2
  /// Crops in one pass through the network.
  package var batch = 32
  /// What `submission.csv` holds for a video without a score; nil leaves the number out.
  package var submissionMissing: Double?
  /// Files after which a decoder process is replaced by a fresh one.
  package var filesPerWorker = 200
  /// No progress on stderr.
  package var quiet = false
  /// Log lines on stderr instead of the progress line; nil for none.
  package var logFormat: LogFormat?
  /// Prometheus text file that is written at the end; nil for none.
  package var metricsPath: String?
  /// Who is told of flagged videos when the manifests are written; nil for nobody.
  package var export: ExportOptions?
  /// Known fakes that are scanned too; nil for none.
  package var canaries: CanaryOptions?
  /// Seconds after which no further video is begun. Each new one gets a quick look first, and what is uncertain then a
  /// whole one; nil for whole looks at all, however long they take.
  package var budgetSeconds: Double?
  /// What earlier runs are good for.
  package var ledger = LedgerOptions()

  package init() {}
}
