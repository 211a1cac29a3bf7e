import Compute
import Datasets
import Foundation
import Models
package import NeuralNet
import Runs

/// Finds a kernel classifier on the statistics that a network's first part measures.
///
/// There are no epochs: statistics are measured once, the classifier is the solution of a system of equations, and whitening,
/// width and ridge are those that do best on the validation part. That part can then join the samples: what its crops get
/// from fits without their own sources takes the place of its scores.
package struct KernelTraining {
  package let network: Network
  /// What was tried, in order.
  let choices: [KernelSearch.Choice]
  package let best: KernelSearch.Choice
  package let samples: Int
  /// Of the validation part's crops in their order, without the own sources of each crop where these are among the samples.
  package let validationLogits: [Double]

  /// - Throws: `WorkflowError.settings` when the network's statistics are trained themselves, `.training` when there are
  ///   fewer crops than components.
  package init(_ options: TrainOptions, _ kernel: KernelOptions, data: TrainingData) throws {
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

  /// Crops that are measured, with copies and further draws of self-blended ones.
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

  /// What was tried, for people.
  package var table: String {
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
