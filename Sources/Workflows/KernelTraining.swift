import Compute
import Datasets
import Dispatch
import Foundation
import Metrics
import Models
import NeuralNet
import Synchronization

/// Finds a kernel classifier on the statistics that a network's first part measures.
///
/// There are no epochs: statistics are measured once, the classifier is the solution of a system of equations, and whitening,
/// width and ridge are those that do best on the validation part.
struct KernelTraining {
  /// One choice of the settings that the validation part decides.
  struct Choice: Sendable {
    let whitening: Double
    let width: Double
    let ridge: Double
    let auc: Double
  }

  let network: Network
  /// What was tried, in order.
  let choices: [Choice]
  let best: Choice
  let samples: Int

  private static let whitenings = [0.25, 0.5, 0.75]
  private static let widths = [0.5, 1, 2, 4]
  private static let ridges = [0.1, 0.3, 1, 3]

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
    guard data.train.count > kernel.components else {
      throw WorkflowError.training(
        "\(data.train.count) training crops are too few for \(kernel.components) components")
    }
    let plain = Tensor([data.train.count, training.shape[1]]) { target in
      training.withFloats { _ = target.initialize(fromContentsOf: $0[..<target.count]) }
    }
    let truth = data.validation.map { data.label($0) == 1 }
    var choices: [Choice] = []
    var found: (choice: Choice, kernel: KernelRidge, components: PrincipalComponents)?
    for whitening in Self.whitenings {
      let components = try PrincipalComponents(of: plain, count: kernel.components, whitening: whitening)
      let (known, new) = (components.components(of: training), components.components(of: validation))
      for width in Self.widths {
        for ridge in Self.ridges {
          let fit = try KernelRidge(known, labels: labels, width: width, ridge: ridge)
          let scores = ScoredLabels(scores: fit.values(new).map(Double.init), labels: truth)
          let choice = Choice(
            whitening: whitening, width: width, ridge: ridge, auc: ThresholdCurve(scores).auc ?? 0)
          choices.append(choice)
          if choice.auc > found?.choice.auc ?? -1 { found = (choice, fit, components) }
        }
      }
    }
    guard let found else { throw WorkflowError.training("no kernel was tried") }
    self.choices = choices
    best = found.choice
    samples = items.count
    network = measure.network.classified(by: found.kernel, on: found.components)
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
