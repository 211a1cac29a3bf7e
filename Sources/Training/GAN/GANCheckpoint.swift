import Compute
import Decoder
import Foundation
import NeuralNet
import Safetensors

/// State of a GAN training on disk, from which `--resume` continues the same curve.
///
/// The file is the generator's checkpoint; the discriminator's checkpoint is stored in its tensors and metadata under
/// the prefix `discriminator`.
struct GANCheckpoint {
  let generator: Checkpoint
  let discriminator: Checkpoint
  let interval: GANInterval

  private static let prefix = "discriminator."
  private static let intervalKey = "assay.interval"

  init(_ trainer: AdversarialTrainer, interval: GANInterval) {
    generator = Checkpoint(
      network: trainer.generator, optimiser: trainer.generatorOptimiser.state, average: trainer.average.tensors)
    discriminator = Checkpoint(
      network: trainer.discriminator, optimiser: trainer.discriminatorOptimiser.state,
      kept: trainer.spectrum?.vectors ?? [:])
    self.interval = interval
  }

  func write(_ recorded: [String: String], to path: String) throws {
    let inner = try discriminator.file()
    var whole = generator
    whole.metadata = try CheckpointSettings.metadata(recorded)
    whole.metadata[Self.intervalKey] = String(decoding: try JSONEncoder().encode(interval), as: UTF8.self)
    for (key, text) in inner.metadata { whole.metadata[Self.prefix + key] = text }
    for (name, tensor) in inner.tensors { whole.kept[Self.prefix + name] = tensor }
    try whole.file().write(to: path)
  }

  /// - Throws: `WorkflowError.settings` when the checkpoint was made with other settings; `NeuralNetError`.
  init(path: String, settings recorded: [String: String]) throws {
    generator = try Checkpoint(try SafetensorsFile(path: path))
    try CheckpointSettings.check(generator.metadata, against: recorded)
    var inner = SafetensorsFile()
    for (key, text) in generator.metadata where key.hasPrefix(Self.prefix) {
      inner.metadata[String(key.dropFirst(Self.prefix.count))] = text
    }
    for (name, tensor) in generator.kept where name.hasPrefix(Self.prefix) {
      inner.tensors[String(name.dropFirst(Self.prefix.count))] = tensor
    }
    discriminator = try Checkpoint(inner)
    interval = try JSONDecoder().decode(
      GANInterval.self, from: Data((generator.metadata[Self.intervalKey] ?? "").utf8))
  }
}
