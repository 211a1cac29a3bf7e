import Decoder
import Files
import Foundation
import Reports
import Runs

/// Learning curve: CSV and JSON lines, one epoch per line, and a plot.
enum TrainingLog {
  private static let heading =
    "epoch,train_loss,validation_log_loss,validation_auc,robust_auc,seconds,data_share,busy_share"

  static func write(_ epochs: [TrainingRun.Epoch], best: Int?, _ options: TrainOptions) throws {
    let rows = epochs.map { epoch in
      "\(epoch.number),\(epoch.trainLoss),\(epoch.validationLogLoss),\(epoch.validationAUC),"
        + (epoch.robustAUC.map { "\($0)" } ?? "") + ","
        + String(format: "%.1f,%.3f,%.3f", epoch.seconds, epoch.dataShare, epoch.busyShare)
    }
    try writeOutput(([heading] + rows).joined(separator: "\n") + "\n", to: options.logPath)
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

  static func read(_ path: String) throws -> [TrainingRun.Epoch] {
    // Without a log, the run was interrupted in its first epoch.
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return try text.split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count == 8, let number = Int(cells[0]), let loss = Float(cells[1]), let logLoss = Double(cells[2]),
        let auc = Double(cells[3]), let seconds = Double(cells[5]), let data = Double(cells[6]),
        let busy = Double(cells[7])
      else { throw WorkflowError.input(path: path, why: "a line is not of this log: \(line)") }
      return TrainingRun.Epoch(
        number: number, trainLoss: loss, validationLogLoss: logLoss, validationAUC: auc,
        robustAUC: Double(cells[4]), seconds: seconds,
        dataShare: data, busyShare: busy)
    }
  }
}
