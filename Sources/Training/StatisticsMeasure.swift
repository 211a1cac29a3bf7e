import Compute
import Datasets
import NeuralNet
import Runs

/// Measures the statistics of crops in parallel.
struct StatisticsMeasure: Sendable {
  enum Item: Sendable {
    case plain(Int)
    /// A different variant blends a self-blended fake differently.
    case augmented(Int, epoch: Int, variant: Int = 0)

    /// The item with another variant; unaugmented items have no variants.
    func drawn(_ variant: Int) -> Item {
      switch self {
      case .plain: self
      case .augmented(let crop, let epoch, _): .augmented(crop, epoch: epoch, variant: variant)
      }
    }
  }

  let network: Network
  let data: TrainingData
  let options: TrainOptions

  /// 1 for fake.
  func label(_ item: Item) -> Float {
    switch item {
    case .plain(let crop): data.label(crop)
    case .augmented(let crop, let epoch, _): data.augmentedLabel(TrainingDraw(crop), epoch: epoch)
    }
  }

  /// Whether the item is a real crop turned into a self-blended fake.
  func isSelfBlended(_ item: Item) -> Bool {
    switch item {
    case .plain: false
    case .augmented(let crop, let epoch, _): data.isSelfBlended(TrainingDraw(crop), epoch: epoch)
    }
  }

  /// - Returns: `[items, statistics]`.
  func statistics(_ items: [Item], progress: ProgressLine) throws -> Tensor {
    let width = try network.shapes(batch: 1)[network.outputs[0]]?.count ?? 0
    let batches = Executor.batches(of: items.count, size: options.batch)
    let parts = try parallelMap(
      count: batches.count, workers: options.workers,
      context: { _ in try Executor(network, batch: options.batch, use: .inference) }
    ) { executor, index in
      let output = try executor.infer(batches[index]) { write(items[$0], into: $1) }
      progress.advance(by: batches[index].count)
      return output.values
    }
    return Tensor([items.count, width]) { target in
      for (index, value) in parts.joined().enumerated() { target[index] = value }
    }
  }

  private func write(_ item: Item, into target: UnsafeMutableBufferPointer<Float>) {
    switch item {
    case .plain(let crop): data.write(crop, into: target)
    case .augmented(let crop, let epoch, let variant):
      data.writeAugmented(TrainingDraw(crop), epoch: epoch, variant: variant, into: target)
    }
  }
}
