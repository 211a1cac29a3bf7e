import Foundation

/// The learning curve as CSV, one epoch a line.
enum TrainingLog {
  private static let heading = "epoch,train_loss,validation_log_loss,validation_auc,seconds"

  static func write(_ epochs: [TrainingRun.Epoch], to path: String) throws {
    let lines = epochs.map {
      "\($0.number),\($0.trainLoss),\($0.validationLogLoss),\($0.validationAUC),\(String(format: "%.1f", $0.seconds))"
    }
    let text = ([heading] + lines).joined(separator: "\n") + "\n"
    do { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
      throw WorkflowError.output(path: path, why: error.localizedDescription)
    }
  }

  static func read(_ path: String) throws -> [TrainingRun.Epoch] {
    // No log means that the run was interrupted in its first epoch.
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return try text.split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",")
      guard cells.count == 5, let number = Int(cells[0]), let loss = Float(cells[1]), let logLoss = Double(cells[2]),
        let auc = Double(cells[3]), let seconds = Double(cells[4])
      else { throw WorkflowError.input(path: path, why: "a line is not of this log: \(line)") }
      return TrainingRun.Epoch(
        number: number, trainLoss: loss, validationLogLoss: logLoss, validationAUC: auc, seconds: seconds)
    }
  }
}
