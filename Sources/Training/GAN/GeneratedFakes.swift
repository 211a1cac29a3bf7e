import Files
import Compute
package import Datasets
import Digests
import Foundation
package import Imaging
import Models
import NeuralNet
package import Runs
import Synchronization

/// A generator's pictures as extra fakes for a detector's training: some real crops are shown as a generated face, or with
/// a region of one blended into them.
///
/// What becomes of a crop depends on the seed, the epoch and its place in the set alone.
package final class GeneratedFakes: Sendable {
  /// Share of the real crops that become fakes.
  package let share: Double
  /// First characters of the model file's SHA-256, for the record.
  package let version: String
  private let model: GANModel
  private let seed: UInt64
  /// Samplers that no thread uses at the moment. Whoever took one out has it alone.
  private let free = Mutex<[Slot]>([])

  private final class Slot: @unchecked Sendable {
    let sampler: FaceSampler

    init(_ sampler: FaceSampler) { self.sampler = sampler }
  }

  /// Among how many pictures is drawn.
  private static let pictures = 1 << 30
  /// Share of the fakes that are whole generated faces; the others are real ones with a region of one.
  private static let wholeShare: Float = 0.5

  /// - Parameter share: 0 up to 1.
  /// - Throws: `WorkflowError.model` when the file is no generator.
  init(path: String, share: Double, seed: UInt64) throws {
    model = try loadGAN(at: path)
    do {
      version = String(SHA256.hexadecimal(of: try Data(contentsOf: URL(filePath: path))).prefix(12))
    } catch {
      throw WorkflowError.model(path: path, why: explanation(of: error))
    }
    self.share = share
    self.seed = seed
    // The first one is made here, so that a network that cannot be run is known before training.
    let sampler = try FaceSampler(model.generator, batch: 1)
    free.withLock { $0.append(Slot(sampler)) }
  }

  /// - Throws: `WorkflowError.settings` when the generator learnt from sources that validation or test are to measure with.
  package func check(against split: Split) throws(WorkflowError) {
    guard let leak = model.trainingGroups.first(where: { split.parts[$0] ?? .train != .train }) else { return }
    throw .settings(
      "the generator \(model.name) learnt from '\(leak)', which is in the \(split.parts[leak] ?? .test) part here, so "
        + "figures would be too good: train it with --split on this model's split, or with the same --seed on these crops"
    )
  }

  /// Whether a crop becomes a fake in that epoch.
  func turns(_ label: Label, epoch: Int, item: Int) -> Bool {
    var generator = random(epoch: epoch, item: item)
    return label == .real && Double(generator.uniform()) < share
  }

  /// The fake that a crop becomes.
  ///
  /// - Precondition: it does.
  package func fake(of crop: Frame, epoch: Int, item: Int) -> Frame {
    var generator = random(epoch: epoch, item: item)
    _ = generator.uniform()
    let number = Int(generator.next().multipliedFullWidth(by: UInt64(Self.pictures)).high)
    let isWhole = generator.uniform() < Self.wholeShare
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
      // The network has run in `init`: only a lack of memory gets here, which no training survives.
      fatalError("the generator \(model.name) cannot be run: \(error)")
    }
  }
}
