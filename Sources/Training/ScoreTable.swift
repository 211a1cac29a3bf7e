import Datasets
import Decoder
import Files
import Foundation
import Runs
import Verdicts

/// Scores of all crops of an evaluation as CSV, for custom analyses.
enum ScoreTable {
  private typealias Row = (record: CropRecord, logit: Double, score: Double)

  private static let table = Table<Row>([
    .untrusted("path") { $0.record.item.path },
    .untrusted("dataset") { $0.record.item.dataset },
    .untrusted("method") { $0.record.item.method },
    .untrusted("source") { $0.record.item.group },
    .text("label") { $0.record.item.label == .fake ? "fake" : "real" },
    .count("track") { $0.record.track },
    .number("seconds") { $0.record.seconds },
    .number("logit") { $0.logit },
    .number("score") { $0.score },
  ])

  /// - Throws: `WorkflowError.output` when the file cannot be written.
  static func write(_ scored: ScoredCrops, to path: String) throws(WorkflowError) {
    let rows = zip(scored.indices, scored.logits).map { index, logit in
      (record: scored.set.records[index], logit: logit, score: scored.judge.calibration.score(logit: logit))
    }
    try writeOutput(Self.table.csv(rows), to: path)
  }
}
