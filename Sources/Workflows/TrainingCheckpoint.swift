import Foundation
import NeuralNet

/// The state of a run on disk, from which `--resume` goes on with the same curve.
enum TrainingCheckpoint {
  private static let settingsKey = "assay.settings"

  static func write(_ hardened: HardenedTrainer, average: WeightAverage?, _ options: TrainOptions) throws {
    let trainer = hardened.trainer
    let settings = String(decoding: try JSONEncoder().encode(options.recorded), as: UTF8.self)
    let checkpoint = Checkpoint(
      network: trainer.network, optimiser: trainer.optimiser.state, average: average?.tensors,
      kept: hardened.kept, metadata: [settingsKey: settings])
    try checkpoint.file().write(to: options.checkpointPath)
  }

  /// - Throws: `WorkflowError.settings` when the checkpoint was made with other settings.
  static func read(_ options: TrainOptions) throws -> Checkpoint {
    let checkpoint = try Checkpoint(try SafetensorsFile(path: options.checkpointPath))
    let text = checkpoint.metadata[settingsKey] ?? "{}"
    let settings = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    let differing = options.recorded.filter { settings[$0.key] != $0.value }.keys.sorted()
    guard differing.isEmpty else {
      let were = differing.map { "--\($0) \(settings[$0] ?? "?")" }.joined(separator: " ")
      throw WorkflowError.settings("the checkpoint was made with other settings; to go on with it say \(were)")
    }
    return checkpoint
  }
}
