import Files
import Datasets
import Decoder
import Foundation
import Runs
import Verdicts

/// Scores of all crops of an evaluation as CSV, for custom analyses.
enum ScoreTable {
  private static let heading = ["path", "dataset", "method", "source", "label", "track", "seconds", "logit", "score"]

  /// - Throws: `WorkflowError.output` when the file cannot be written.
  static func write(_ scored: ScoredCrops, to path: String) throws(WorkflowError) {
    var row = CSVRow()
    for name in heading { row.add(exact: name) }
    var bytes = row.bytes
    for (index, logit) in zip(scored.indices, scored.logits) {
      let record = scored.set.records[index]
      var row = CSVRow()
      row.add(untrusted: record.item.path)
      row.add(untrusted: record.item.dataset)
      row.add(untrusted: record.item.method)
      row.add(untrusted: record.item.group)
      row.add(exact: record.item.label == .fake ? "fake" : "real")
      row.add(record.track)
      row.add(record.seconds)
      row.add(logit)
      row.add(scored.judge.calibration.score(logit: logit))
      bytes += row.bytes
    }
    try writeOutput(bytes, to: path)
  }
}
