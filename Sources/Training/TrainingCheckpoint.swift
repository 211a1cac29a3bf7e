import Decoder
import NeuralNet
import Safetensors

/// State of a run on disk, from which `--resume` continues the same curve.
enum TrainingCheckpoint {
  static func write(_ hardened: HardenedTrainer, average: WeightAverage?, _ options: TrainOptions) throws {
    let trainer = hardened.trainer
    let checkpoint = Checkpoint(
      network: trainer.network, optimiser: trainer.optimiser.state, average: average?.tensors,
      kept: hardened.kept, metadata: try CheckpointSettings.metadata(options.recorded))
    try checkpoint.file().write(to: options.checkpointPath)
  }

  /// - Throws: `WorkflowError.settings` when the checkpoint was made with other settings.
  static func read(_ options: TrainOptions) throws -> Checkpoint {
    let checkpoint = try Checkpoint(try SafetensorsFile(path: options.checkpointPath))
    try CheckpointSettings.check(checkpoint.metadata, against: options.recorded)
    return checkpoint
  }
}
