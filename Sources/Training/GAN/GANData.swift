package import Datasets
import Decoder
package import Imaging
import Models
import Runs

/// The real crops that a generator is trained on, and their conversion to its size.
///
/// Only the training part is used, so that generated pictures may join a classifier's training on the same split. Real
/// crops of the validation part show whether the discriminator overfits.
package struct GANData: Sendable {
  package let set: CropSet
  package let split: Split
  /// Real crops of the training part and of the validation part.
  package let training: [Int]
  let heldOut: [Int]
  package let size: Int
  private let order: BatchOrder

  /// - Parameters:
  ///   - known: the split; nil to read it, or to make one from the seed.
  ///   - path: path of a split.
  ///   - smallestCount: minimum number of real training crops.
  ///   - chosen: indices of the training crops to use; nil for all.
  /// - Throws: `WorkflowError.input` when crops are too small or too few; `DatasetsError`.
  init(
    crops: String, known: Split? = nil, split path: String?, size: Int, smallestCount: Int, chosen: [Int]? = nil,
    seed: UInt64
  ) throws {
    set = try CropSet(folder: crops)
    guard set.header.size >= size else {
      throw WorkflowError.input(
        path: crops,
        why:
          "its crops have \(set.header.size) pixels, the generator's pictures have \(size): change --size or extract larger crops"
      )
    }
    let items = set.items
    let split = try known ?? path.map { try SourceExposure.split(named: $0) } ?? Split.make(items, seed: seed)
    func reals(_ part: Part) -> [Int] { split.indices(of: part, in: items).filter { items[$0].label == .real } }
    let wanted = chosen.map { Swift.Set($0) }
    let training = reals(.train).filter { wanted?.contains($0) ?? true }
    self.split = split
    self.training = training
    heldOut = reals(.validation)
    guard training.count >= smallestCount else {
      throw WorkflowError.input(
        path: path ?? crops,
        why:
          "the training part has \(counted(training.count, "real crops")) of this set, and \(smallestCount) are the least: "
          + "add real videos, or name another split with --split")
    }
    self.size = size
    order = BatchOrder(labels: items.map(\.label), indices: training, seed: seed)
  }

  /// Sources of the training crops, sorted.
  package var groups: [String] { Swift.Set(training.map { set.records[$0].item.group }).sorted() }

  /// Order of the training crops in one epoch.
  package func order(pass: Int) -> [Int] { order.epoch(pass) }

  /// A crop at the generator's size.
  package func picture(_ index: Int) -> Frame { set.frame(at: index).resized(width: size, height: size) }

  /// Writes a crop as discriminator input, `[H, W, C]` in -1…1.
  package func write(_ index: Int, mirrored: Bool, into input: UnsafeMutableBufferPointer<Float>) {
    let picture = picture(index)
    GANModel.preprocessing.write(mirrored ? picture.flippedHorizontally().pixels : picture.pixels, into: input)
  }

  /// Deterministic, evenly spaced subsample.
  static func some(_ count: Int, of indices: [Int]) -> [Int] {
    guard indices.count > count, count > 0 else { return indices }
    return (0..<count).map { indices[$0 * indices.count / count] }
  }
}
