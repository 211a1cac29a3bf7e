import Decoder
import Digests
import Faces
import Files
import Foundation
package import Runs
import Scoring
import Verdicts

/// Options for verifying a manifest.
package struct VerifyOptions: Sendable {
  /// Number of rows to verify, chosen by the seed; nil for all.
  package var sample: Int?
  package var seed: UInt64 = 1
  /// Model file; nil for the built-in one.
  package var modelPath: String?
  /// Model file of the face detector; nil for the detector that needs none. Only rows without a face need it.
  package var detectorModel: String?
  package var quiet = false
  /// Folders that were moved since the scan.
  package var moves = MovedRoots()
  /// Ledger of the run; nil for `assay.sqlite` beside the manifest, if there is one.
  package var ledgerPath: String?
  /// Name of the face detector as recorded in manifests.
  var detectorName = ""

  var faceDetector: FaceDetectorChoice { FaceDetectorChoice(modelPath: detectorModel) }

  package init() {}
}

/// Re-derives the verdicts of a manifest and reports differences.
///
/// The decoder cuts the crops at the recorded times and boxes, the network scores them behind the recorded defence, and
/// the same rules derive a verdict. Rows without a face are sampled again with the face detector. Effects of attacks
/// and recompression are not verified. The run's manifests are compared with each other and with the ledger.
///
/// - Parameter path: a `manifest.jsonl`, a `manifest.json`, or their folder.
/// - Throws: `WorkflowError` when the manifest or the model cannot be used.
package func verifyManifest(_ path: String, options: VerifyOptions) throws -> VerifySummary {
  var options = options
  do {
    options.detectorName = try options.faceDetector.checkedName()
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let file = ManifestRows.file(of: path)
    let model = try loadModel(at: options.modelPath)
    var total = 0
    var order: [(key: [UInt8], path: VideoPath)] = []
    var isMoved = options.moves.isEmpty
    try ManifestRows.forEach(in: file) { record in
      total += 1
      if !isMoved, options.moves.concerns(record.source.path.bytes) { isMoved = true }
      guard options.sample != nil else { return }
      let key = SHA256.digest(of: Array("\(options.seed)/".utf8) + record.source.path.bytes)
      order.append((key, record.source.path))
    }
    if !isMoved { writeToStandardError("warning: no recorded path lies in the OLD folder of --root\n") }
    let chosen = options.sample.map { count in
      Set(order.sorted { $0.key.lexicographicallyPrecedes($1.key) }.prefix(count).map(\.path))
    }
    let progress = ProgressLine(unit: "videos", total: chosen?.count ?? total, quiet: options.quiet)
    var verifier = try RowVerifier(model, options)
    var checks: [VideoCheck] = []
    try ManifestRows.forEach(in: file) { record in
      guard chosen?.contains(record.source.path) ?? true else { return }
      checks.append(try verifier.check(record))
      progress.advance()
    }
    progress.finish()
    let set = ManifestSet(of: path, isFolder: isFolder.boolValue)
    return VerifySummary(
      manifest: file, videos: total, checks: checks, contradictions: try set.contradictions(ledger: options.ledgerPath))
  } catch { throw WorkflowError.explaining(error) }
}
