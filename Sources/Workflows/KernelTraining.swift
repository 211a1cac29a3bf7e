import Compute
import Datasets
import Dispatch
import Foundation
import Models
import NeuralNet
import Synchronization

/// Finds a kernel classifier on the statistics that a network's first part measures.
///
/// There are no epochs: statistics are measured once, the classifier is the solution of a system of equations, and whitening,
/// width and ridge are those that do best on the validation part.
struct KernelTraining {
  let network: Network
  /// What was tried, in order.
  let choices: [KernelSearch.Choice]
  let best: KernelSearch.Choice
  let samples: Int

  /// - Throws: `WorkflowError.settings` when the network's statistics are trained themselves, `.training` when there are
  ///   fewer crops than components.
  init(_ options: TrainOptions, _ kernel: KernelOptions, data: TrainingData) throws {
    guard options.from == nil,
      var design = try NetworkName(options.network).design(paper: PaperCNN()) as? any StatisticsDesign
    else {
      throw WorkflowError.settings(
        "--kernel needs a network whose first part is not trained, such as residual-cooccurrence, not "
          + (options.from ?? options.network))
    }
    design.inputSize = data.set.header.size
    let measure = Measure(network: design.statistics(), data: data, options: options)
    // The crop itself, then copies that each have an epoch's augmentations of their own.
    let items = (0...kernel.copies).flatMap { copy in data.train.map { (index: $0, epoch: copy) } }
    let progress = ProgressLine(
      unit: "crops", total: items.count + data.validation.count, quiet: options.quiet)
    let training = try measure.statistics(
      items.map { item in
        item.epoch == 0 ? .plain(item.index) : .augmented(item.index, epoch: item.epoch)
      }, progress: progress)
    let labels = items.map { $0.epoch == 0 ? data.label($0.index) : data.augmentedLabel($0.index, epoch: $0.epoch) }
    let validation = try measure.statistics(data.validation.map { .plain($0) }, progress: progress)
    progress.finish()
    let search = try KernelSearch(
      training: training, labels: labels, plain: data.train.count, validation: validation,
      truth: data.validation.map { data.label($0) == 1 }, components: kernel.components)
    choices = search.choices
    best = search.best
    samples = items.count
    network = measure.network.classified(by: search.kernel, on: search.components)
  }

  /// What was tried, for people.
  var table: String {
    let rows = choices.map { choice in
      [choice.whitening, choice.width, choice.ridge].map { String(format: "%g", $0) }
        + [String(format: "%.4f", choice.auc)]
    }
    return alignedTable(heading: ["WHITENING", "WIDTH", "RIDGE", "VALIDATION AUC"], rows: rows)
  }
}

/// Statistics of crops, measured by all workers.
private struct Measure: Sendable {
  enum Item: Sendable {
    case plain(Int)
    case augmented(Int, epoch: Int)
  }

  let network: Network
  let data: TrainingData
  let options: TrainOptions

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
              case .augmented(let crop, let epoch): data.writeAugmented(crop, epoch: epoch, into: target)
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
