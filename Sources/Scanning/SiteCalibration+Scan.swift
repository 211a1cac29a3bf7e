import Files
import Foundation
import Runs
import Verdicts

/// Result of a site calibration.
package struct SiteCalibrationSummary: Sendable {
  /// Nil when the scan was interrupted.
  package let calibration: SiteCalibration?
  package let table: String
  package let interruptedBy: Int32?
}

/// Scans real videos and writes the thresholds that follow from their scores.
///
/// Videos without a score (no face, not decoded) take no part and are counted.
///
/// - Parameters:
///   - options: its output folder gets the manifests, and the ledger from which an interrupted calibration continues.
///   - output: path of the file.
/// - Throws: `WorkflowError`; with too few videos, it says how many are needed.
package func calibrateSite(
  _ settings: ScanSettings, _ options: ScanOptions, falsePositiveRate: Double, flagRate: Double, output: String
) throws -> SiteCalibrationSummary {
  let scan = try scanVideos(settings: settings, options: options)
  guard scan.interruptedBy == nil else {
    return SiteCalibrationSummary(calibration: nil, table: scan.table, interruptedBy: scan.interruptedBy)
  }
  var scores: [Double] = []
  var contents = Set<String>()
  var copies = 0
  let rows = options.output + "/manifest.jsonl"
  var lines = try ByteLines(path: rows)
  while let line = try lines.next() {
    let record = try ManifestJSON.record(line: line, file: rows)
    guard let score = record.finding.score else { continue }
    // The guarantee is about videos drawn independently; a copy says nothing new.
    guard record.source.sha256.map({ contents.insert($0).inserted }) ?? true else {
      copies += 1
      continue
    }
    scores.append(score)
  }
  let context = scan.header.context
  let calibration = try SiteCalibration(
    scores: scores, falsePositiveRate: falsePositiveRate, flagRate: flagRate, context: context, createdAt: .now)
  try writeOutput(try readableJSON(calibration) + "\n", to: output)
  let (new, old) = (calibration.thresholds, context.thresholds)
  func fraction(_ threshold: Double) -> String {
    String(format: "%.3f", Double(scores.count { $0 >= threshold }) / Double(scores.count))
  }
  let table = alignedTable(
    heading: ["THRESHOLD", "SITE", "MODEL", "REAL VIDEOS ABOVE THE MODEL'S"],
    rows: [
      ["undecided from", "\(new.real)", "\(old.real)", fraction(old.real)],
      ["fake from", "\(new.fake)", "\(old.fake)", fraction(old.fake)],
    ])
  let without = scan.header.counts.videos - scores.count - copies
  return SiteCalibrationSummary(
    calibration: calibration,
    table: table + "\(counted(scores.count, "real videos")) with a score, \(without) without one"
      + (copies > 0 ? ", \(counted(copies, "copies")) of the same content not counted" : "")
      + "; \(output) is for assay scan --calibration", interruptedBy: nil)
}
