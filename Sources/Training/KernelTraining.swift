import Compute
import Datasets
import Foundation
import Models
package import NeuralNet
import Runs

/// Fits a kernel classifier on statistics computed by a network's fixed first part.
///
/// There are no epochs: statistics are measured once, the classifier solves a linear system, and whitening, width and
/// ridge are selected on the validation part. That part can then join the samples; its scores then come from
/// cross-fitting: each crop is scored by a fit without its own sources.
package struct KernelTraining {
  package let network: Network
  /// All combinations tried, in order.
  let choices: [KernelSearch.Choice]
  package let best: KernelSearch.Choice
  package let samples: Int
  /// Logits of the validation crops, in order; cross-fitted over sources if these crops are among the samples.
  package let validationLogits: [Double]

  /// - Throws: `WorkflowError.settings` when the network's first part is trainable, `.training` when there are fewer
  ///   crops than components.
  package init(_ options: TrainOptions, _ kernel: KernelOptions, data: TrainingData) throws {
    guard options.from == nil,
      var design = try NetworkName(options.network).design(paper: PaperCNN()) as? any StatisticsDesign
    else {
      throw WorkflowError.usage(
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
      unit: "crops", total: Self.measurements(options, kernel, data: data), quiet: options.quiet)
    var train = try CropStatistics(data.train, measure, progress: progress)
    var validation = try CropStatistics(data.validation, measure, progress: progress)
    let draws =
      options.adversarialBlending > 1
      ? try HardestDraws(options.adversarialBlending, of: train, components: kernel.components) : nil
    try train.append(copies: kernel.copies, measure, draws: draws, progress: progress)
    if kernel.refits { try validation.append(copies: kernel.copies, measure, draws: draws, progress: progress) }
    progress.finish()
    let search = try KernelSearch(
      training: train.statistics, labels: train.labels, plain: data.train.count, validation: validation.plain,
      truth: data.validation.map { data.label($0) == 1 }, components: kernel.components, grid: kernel.grid)
    choices = search.choices
    best = search.best
    guard kernel.refits else {
      samples = train.count
      validationLogits = search.kernel.values(search.components.components(of: validation.plain)).map(Double.init)
      network = measure.network.classified(by: search.kernel, on: search.components)
      return
    }
    // In both, unaugmented crops precede their copies.
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

  /// Number of measurements, including copies and further draws of self-blended fakes.
  private static func measurements(_ options: TrainOptions, _ kernel: KernelOptions, data: TrainingData) -> Int {
    let copied = kernel.refits ? data.train + data.validation : data.train
    let blended =
      options.adversarialBlending > 1 && kernel.copies > 0
      ? (1...kernel.copies).reduce(0) { sum, copy in
        sum + copied.count { data.isSelfBlended(TrainingDraw($0), epoch: copy) }
      } : 0
    return data.train.count + data.validation.count + kernel.copies * copied.count
      + blended * (options.adversarialBlending - 1)
  }

  /// All combinations tried, as text.
  package var table: String {
    let rows = choices.map { choice in
      [choice.whitening, choice.width, choice.ridge].map { String(format: "%g", $0) }
        + [String(format: "%.4f", choice.auc)]
    }
    return alignedTable(heading: ["WHITENING", "WIDTH", "RIDGE", "VALIDATION AUC"], rows: rows)
  }
}

/// Held-out sets for cross-fitting: each crop is scored by a fit without any sample that may share its sources.
private struct Withholding {
  /// Indices of samples: first those to score, then others that must be held out with them.
  var sets: [[Int]] = []
  /// For each set, the number of leading indices to score.
  private var judged: [Int] = []

  /// - Parameter count: number of leading samples to score.
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

  /// Values of the scored samples, in sample order.
  func logits(_ values: [[Float]]) -> [Double] {
    var logits = [Double](repeating: 0, count: judged.reduce(0, +))
    for (set, (values, count)) in zip(sets, zip(values, judged)) {
      for (place, value) in zip(set, values[..<count]) { logits[place] = Double(value) }
    }
    return logits
  }
}
