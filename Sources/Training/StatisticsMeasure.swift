import Compute
import Datasets
import Dispatch
import NeuralNet
import Runs
import Synchronization

/// Statistics of crops, measured by all workers.
struct StatisticsMeasure: Sendable {
  enum Item: Sendable {
    case plain(Int)
    /// Another variant blends a self-blended fake in another way.
    case augmented(Int, epoch: Int, variant: Int = 0)

    /// The same with another variant; what is not augmented has none.
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

  /// 1 for what is fake.
  func label(_ item: Item) -> Float {
    switch item {
    case .plain(let crop): data.label(crop)
    case .augmented(let crop, let epoch, _): data.augmentedLabel(TrainingDraw(crop), epoch: epoch)
    }
  }

  /// Whether the item is a real crop that becomes a fake by being blended with itself.
  func isSelfBlended(_ item: Item) -> Bool {
    switch item {
    case .plain: false
    case .augmented(let crop, let epoch, _): data.isSelfBlended(TrainingDraw(crop), epoch: epoch)
    }
  }

  /// - Returns: `[items, statistics]`.
  func statistics(_ items: [Item], progress: ProgressLine) throws -> Tensor {
    let (batch, workers) = (options.batch, options.workers)
    let width = try network.shapes(batch: 1)[network.outputs[0]]?.count ?? 0
    let starts = Array(stride(from: 0, to: items.count, by: batch))
    let parts = Mutex<[Int: [Float]]>([:])
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      do {
        ComputeThreads.useCallingThreadOnly()
        let executor = try Executor(network, batch: batch, use: .inference)
        let values = network.inputShape.count
        for index in stride(from: worker, to: starts.count, by: workers) {
          let part = items[starts[index]..<min(starts[index] + batch, items.count)]
          executor.withInput { input in
            for (slot, item) in part.enumerated() {
              let target = UnsafeMutableBufferPointer(rebasing: input[(slot * values)..<((slot + 1) * values)])
              switch item {
              case .plain(let crop): data.write(crop, into: target)
              case .augmented(let crop, let epoch, let variant):
                data.writeAugmented(TrainingDraw(crop), epoch: epoch, variant: variant, into: target)
              }
            }
          }
          let rows = try executor.infer(count: part.count).values
          parts.withLock { $0[index] = rows }
          progress.advance(by: part.count)
        }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    let found = parts.withLock { $0 }
    return Tensor([items.count, width]) { target in
      var place = 0
      for index in starts.indices {
        for value in found[index] ?? [] {
          target[place] = value
          place += 1
        }
      }
    }
  }
}
