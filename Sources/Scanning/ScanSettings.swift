package import Decoder
package import Faces
package import Media
package import Runs
package import Scoring

/// Settings that determine the verdicts of a scan; equal settings give equal manifests for equal files.
package struct ScanSettings: Sendable, Codable, Equatable {
  /// Frames to sample from each video.
  package var frames = 16
  package var decode = DecodeMode.exact
  /// `wholeFrame` for footage that is already cropped.
  package var faces = FaceOrigin.detect
  package var detector = FaceDetectorKind.usual
  /// Model file of the face detector; nil for one that needs none.
  package var detectorModel: String?
  /// Score from which a video counts as fake; nil for the model's own thresholds.
  package var threshold: Double?
  /// Thresholds fitted to a site's own real videos, instead of the model's; nil for none.
  package var calibration: SiteCalibration?
  /// Time limit per video in the decoder, in wall-clock seconds.
  package var timeoutSeconds = 300
  /// Address space limit of one decoder process, in MiB.
  package var decoderMemoryMiB = DecoderClient.defaultMemoryMiB

  /// Attack on the faces, which are scored as they are too; nil for none.
  package var perturb: PerturbSettings?
  /// Whether to find the evasion margin of flagged and undecided videos.
  package var margin = false
  /// Input-transformation defence applied before the network; nil for none.
  package var defence: DefenceName?
  /// File of the perturbed-input flag, or name of a built-in model; nil for no flag.
  package var perturbedFlag: String?
  /// Second-opinion model, which does not affect the verdict; nil for none.
  package var secondOpinion: String?
  /// Recompresses videos that are undecided or within this distance of a threshold; nil for none.
  package var recompressDistance: Double?

  package init() {}

  package var faceDetector: FaceDetectorChoice { FaceDetectorChoice(detector, modelPath: detectorModel) }

  /// Settings of the first pass: key frames only, and nothing besides the score.
  var firstPass: ScanSettings {
    var settings = self
    settings.decode = .keyframes
    settings.perturb = nil
    settings.margin = false
    settings.recompressDistance = nil
    settings.secondOpinion = nil
    return settings
  }
}

/// Options of a scan that do not affect verdicts.
package struct ScanOptions: Sendable {
  package var inputs: [[UInt8]] = []
  package var followSymlinks = false
  /// Leave out files in folders that have no extension of videos, instead of looking at their content.
  package var onlyExtensions = false
  /// Stop after this many videos.
  package var limit: Int?
  /// Folder of the manifests; created if missing.
  package var output = ""
  /// Model file; nil for the built-in one.
  package var modelPath: String?
  /// Number of concurrent decoder processes.
  package var workers = 2
  /// Crops per batch.
  package var batch = 32
  /// Value in `submission.csv` for a video without a score; nil leaves it blank.
  package var submissionMissing: Double?
  /// Number of files after which a decoder process is replaced.
  package var filesPerWorker = 200
  /// Whether to suppress progress on stderr.
  package var quiet = false
  /// Format of log lines on stderr, replacing the progress line; nil for no log.
  package var logFormat: LogFormat?
  /// Prometheus text file to write at the end; nil for none.
  package var metricsPath: String?
  /// Export of flagged videos once the manifests are written; nil for none.
  package var export: ExportOptions?
  /// Known fakes to scan as canaries; nil for none.
  package var canaries: CanaryOptions?
  /// Seconds after which no video is started. New videos get a first pass, then the uncertain ones a full pass; nil for
  /// full passes over all videos without a limit.
  package var budgetSeconds: Double?
  /// Use of the rows of earlier runs.
  package var ledger = LedgerOptions()

  package init() {}
}
