import Compute
package import Datasets
import Digests
import Files
import Foundation
package import Imaging
import Models
import NeuralNet
package import Runs
import Synchronization

/// Generated pictures as additional fakes in classifier training: some real crops are replaced by a generated face, or
/// have a region of one blended into them.
///
/// The result for a crop depends only on the seed, the epoch and its index in the set.
package final class GeneratedFakes: Sendable {
  /// Fraction of the real crops that become fakes.
  package let fraction: Double
  /// First characters of the model file's SHA-256, recorded with the settings.
  package let version: String
  private let model: GANModel
  private let seed: UInt64
  /// Idle samplers. A thread that takes one out has exclusive use of it.
  private let free = Mutex<[Slot]>([])

  private final class Slot: @unchecked Sendable {
    let sampler: FaceSampler

    init(_ sampler: FaceSampler) { self.sampler = sampler }
  }

  /// Number of distinct pictures to draw from.
  private static let pictures = 1 << 30
  /// Fraction of the fakes that are whole generated faces; the others are real crops with a blended region.
  private static let wholeFraction: Float = 0.5

  /// - Parameter share: from 0 to 1.
  /// - Throws: `WorkflowError.model` when the file is not a generator.
  init(path: String, fraction: Double, seed: UInt64) throws {
    model = try loadGAN(at: path)
    do {
      version = String(SHA256.hexadecimal(of: try Data(contentsOf: URL(filePath: path))).prefix(12))
    } catch {
      throw WorkflowError.model(path: path, why: explanation(of: error))
    }
    self.fraction = fraction
    self.seed = seed
    // Creates the first sampler now, so that an unusable network fails before training.
    let sampler = try FaceSampler(model.generator, batch: 1)
    free.withLock { $0.append(Slot(sampler)) }
  }

  /// - Throws: `WorkflowError.settings` if the generator was trained on sources of the validation or test part.
  package func check(against split: Split) throws(WorkflowError) {
    guard let leak = model.trainingGroups.first(where: { split.parts[$0] ?? .train != .train }) else { return }
    throw .settings(
      "the generator \(model.name) learnt from '\(leak)', which is in the \(split.parts[leak] ?? .test) part here, so "
        + "results would be optimistic: train it with --split on this model's split, or with the same --seed on these crops"
    )
  }

  /// Whether a crop becomes a fake in this epoch.
  func replaces(_ label: Label, epoch: Int, item: Int) -> Bool {
    var generator = random(epoch: epoch, item: item)
    return label == .real && Double(generator.uniform()) < fraction
  }

  /// The fake that replaces a crop.
  ///
  /// - Precondition: the crop becomes a fake in this epoch.
  package func fake(of crop: Frame, epoch: Int, item: Int) -> Frame {
    var generator = random(epoch: epoch, item: item)
    _ = generator.uniform()
    let number = Int(generator.next().multipliedFullWidth(by: UInt64(Self.pictures)).high)
    let isWhole = generator.uniform() < Self.wholeFraction
    let face = picture(number).resized(width: crop.width, height: crop.height)
    return isWhole ? face : crop.withFaceRegion(of: face, using: &generator)
  }

  private func random(epoch: Int, item: Int) -> SeededGenerator {
    SeededGenerator(seed: seed, path: [0x4741_4E46, UInt64(epoch), UInt64(item)])
  }

  private func picture(_ number: Int) -> Frame {
    let kept = free.withLock { $0.popLast() }
    do {
      let slot = try kept ?? Slot(FaceSampler(model.generator, batch: 1))
      let picture = try slot.sampler.pictures([number], seed: seed)[0]
      free.withLock { $0.append(slot) }
      return picture
    } catch {
      // The network has already run in `init`, so only lack of memory gets here; training cannot continue.
      fatalError("the generator \(model.name) cannot be run: \(error)")
    }
  }
}
