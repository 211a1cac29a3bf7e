import Decoder
import Files
import Foundation
import Reports
import Runs

/// Learning curve: CSV and JSON lines, one epoch per line, and a plot.
enum TrainingLog {
  private static let table = Table<TrainingRun.Epoch>([
    .count("epoch") { $0.number },
    .text("train_loss") { "\($0.trainLoss)" },
    .text("validation_log_loss") { "\($0.validationLogLoss)" },
    .text("validation_auc") { "\($0.validationAUC)" },
    .text("robust_auc") { $0.robustAUC.map { "\($0)" } ?? "" },
    .text("seconds") { String(format: "%.1f", $0.seconds) },
    .text("data_share") { String(format: "%.3f", $0.dataFraction) },
    .text("busy_share") { String(format: "%.3f", $0.busyFraction) },
  ])

  static func write(_ epochs: [TrainingRun.Epoch], best: Int?, _ options: TrainOptions) throws {
    try writeOutput(table.csv(epochs), to: options.logPath)
    try writeOutput(try epochs.flatMap { try JSONEncoder.line($0) }, to: options.logLinesPath)
    try writeOutput(plot(epochs, best: best).svg(), to: options.curvePath)
  }

  private static func plot(_ epochs: [TrainingRun.Epoch], best: Int?) -> Plot {
    var series = [
      ("training loss", epochs.map { Double($0.trainLoss) }),
      ("validation log loss", epochs.map(\.validationLogLoss)), ("validation AUC", epochs.map(\.validationAUC)),
    ]
    let robust = epochs.compactMap(\.robustAUC)
    if robust.count == epochs.count { series.append(("AUC under attack", robust)) }
    return DetectorPlots.learningCurve(epochs: epochs.map(\.number), series: series, best: best)
  }

  /// Bar chart of the last values in one line of text, scaled to their range.
  static func sparkline(_ values: [Double], width: Int = 24) -> String {
    let shown = values.suffix(width)
    guard shown.count > 1, let low = shown.min(), let high = shown.max() else { return "" }
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(
      shown.map { high > low ? bars[Int((($0 - low) / (high - low) * Double(bars.count - 1)).rounded())] : bars[0] })
  }

  /// Epochs of an earlier run; empty without a log.
  static func read(_ path: String) throws -> [TrainingRun.Epoch] {
    // Without a log, the run was interrupted in its first epoch.
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    do {
      return try text.split(separator: "\n").map {
        try JSONDecoder().decode(TrainingRun.Epoch.self, from: Data($0.utf8))
      }
    } catch {
      throw WorkflowError.input(
        path: path, why: "a line does not have the format of this log: \(explanation(of: error))")
    }
  }
}
