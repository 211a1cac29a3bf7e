import Compute
import Datasets
import Foundation
import Metrics
import Models
import NeuralNet

/// Finds a kernel classifier on the statistics that a network's first part measures.
///
/// There are no epochs: statistics are measured once, the classifier is the solution of a system of equations, and whitening,
/// width and ridge are those that do best on the validation part. That part can then join the samples: what its crops get
/// from fits without their own sources takes the place of its scores.
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
  /// Of the validation part's crops in their order, without the own sources of each crop where these are among the samples.
  let validationLogits: [Double]

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
    guard data.train.count > kernel.components else {
      throw WorkflowError.training(
        "\(data.train.count) training crops are too few for \(kernel.components) components")
    }
    let measure = StatisticsMeasure(network: design.statistics(), data: data, options: options)
    let progress = ProgressLine(
      unit: "crops",
      total: (1 + kernel.copies) * data.train.count + (kernel.refits ? 1 + kernel.copies : 1) * data.validation.count,
      quiet: options.quiet)
    let train = try CropStatistics(data.train, copies: kernel.copies, measure, progress: progress)
    let validation = try CropStatistics(
      data.validation, copies: kernel.refits ? kernel.copies : 0, measure, progress: progress)
    progress.finish()
    let chosen = try Self.choose(from: train, for: validation, components: kernel.components)
    choices = chosen.choices
    best = chosen.best.choice
    guard kernel.refits else {
      samples = train.count
      validationLogits = chosen.best.logits
      network = measure.network.classified(by: chosen.best.kernel, on: chosen.best.components)
      return
    }
    // Plain crops stand in front of their copies in both.
    let all = CropStatistics(joining: validation, train)
    let components = try PrincipalComponents(
      of: all.plain, count: kernel.components, whitening: best.whitening)
    let sets = Withholding(of: data.validation.count, in: all, items: data.set.items)
    let fit = try KernelRidge.crossFit(
      components.components(of: all.statistics), labels: all.labels, width: best.width, ridge: best.ridge,
      withholding: sets.sets)
    samples = all.count
    validationLogits = sets.logits(fit.values)
    network = measure.network.classified(by: fit.kernel, on: components)
  }

  /// A choice of settings with what it gives.
  private struct Candidate {
    let choice: Choice
    let kernel: KernelRidge
    let components: PrincipalComponents
    let logits: [Double]
  }

  /// Tries all settings.
  private static func choose(
    from train: CropStatistics, for validation: CropStatistics, components count: Int
  ) throws -> (choices: [Choice], best: Candidate) {
    let new = validation.plain
    let truth = validation.labels[..<new.shape[0]].map { $0 == 1 }
    var choices: [Choice] = []
    var best: Candidate?
    for whitening in whitenings {
      let components = try PrincipalComponents(of: train.plain, count: count, whitening: whitening)
      let (known, new) = (components.components(of: train.statistics), components.components(of: new))
      for width in widths {
        for ridge in ridges {
          let fit = try KernelRidge(known, labels: train.labels, width: width, ridge: ridge)
          let logits = fit.values(new).map(Double.init)
          let auc = ThresholdCurve(ScoredLabels(scores: logits, labels: truth)).auc ?? 0
          let choice = Choice(whitening: whitening, width: width, ridge: ridge, auc: auc)
          choices.append(choice)
          if choice.auc > best?.choice.auc ?? -1 {
            best = Candidate(choice: choice, kernel: fit, components: components, logits: logits)
          }
        }
      }
    }
    guard let best else { throw WorkflowError.training("no kernel was tried") }
    return (choices, best)
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

/// Which samples are left out together, so that each crop is judged without all that may show its sources.
private struct Withholding {
  /// Places of samples: first those that are judged, then what must go with them.
  var sets: [[Int]] = []
  /// Of each set, how many of its first places are judged.
  private var judged: [Int] = []

  /// - Parameter count: the first samples, which are judged.
  init(of count: Int, in samples: CropStatistics, items: [LabelledItem]) {
    let sources = samples.crops.map { items[$0].possibleSources }
    for (key, places) in Dictionary(grouping: 0..<count, by: { sources[$0] }).sorted(by: { $0.value[0] < $1.value[0] })
    {
      let kin = sources.indices.filter { $0 >= count || sources[$0] != key }.filter {
        !sources[$0].isDisjoint(with: key)
      }
      sets.append(places + kin)
      judged.append(places.count)
    }
  }

  /// The judged samples' values, in the samples' order.
  func logits(_ values: [[Float]]) -> [Double] {
    var logits = [Double](repeating: 0, count: judged.reduce(0, +))
    for (set, (values, count)) in zip(sets, zip(values, judged)) {
      for (place, value) in zip(set, values[..<count]) { logits[place] = Double(value) }
    }
    return logits
  }
}
