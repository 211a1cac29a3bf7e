import Compute
import Datasets
import Foundation
import Imaging
import Metrics
import Models
import Runs
import Scoring

/// Settings of `assay gan evaluate`.
package struct GANEvaluateOptions: Sendable {
  package var model: String
  package var crops: String
  /// Models in whose features distances are measured: files or names of built-in models.
  package var features = ["standard", "paper"]
  /// Number of pictures to generate; nil for as many as there are held-out real crops.
  package var count: Int?
  /// Maximum number of held-out real crops, and of training crops, each subsampled evenly.
  package var most = 1000
  package var neighbours = 3
  package var truncation: Float?
  package var splitPath: String?
  /// Folder for the page that shows pictures beside their nearest training crops.
  package var report: String?
  package var seed: UInt64 = 1
  package var workers = 2
  package var quiet = false

  package init(model: String, crops: String) {
    self.model = model
    self.crops = crops
  }
}

/// Compares a generator with held-out real crops from the validation and test parts.
///
/// - Throws: `WorkflowError` when a model or the set cannot be used.
package func evaluateGAN(_ options: GANEvaluateOptions) throws -> GANEvaluation {
  let model = try loadGAN(at: options.model)
  let material = try GANMaterial(options, model: model)
  var spaces: [GANEvaluation.Space] = []
  let progress = ProgressLine(
    unit: "pictures", total: options.features.count * (material.made.count + material.unseen.count * 2),
    quiet: options.quiet)
  for path in options.features {
    spaces.append(try space(path, material, options, progress))
  }
  progress.finish()
  let nearest = NearestCrops(of: material.training)
  let ofMade = nearest.matches(material.made, count: GANReport.neighbours)
  let evaluation = GANEvaluation(
    model: model.name, pictures: material.made.count, realCrops: material.unseen.count,
    realSources: Set(material.groups).count,
    trainingCrops: material.training.count, neighbours: options.neighbours, truncation: options.truncation,
    spaces: spaces,
    memorisation: memorisation(
      ofMade.map { $0[0].distance }, nearest.matches(material.unseen, count: 1).map { $0[0].distance },
      groups: material.groups),
    diversity: PictureDiversity.meanDistance(material.some(200, of: material.made))
      / max(PictureDiversity.meanDistance(material.some(200, of: material.unseen)), .leastNormalMagnitude),
    findings: model.findings)
  if let folder = options.report {
    try GANReport(evaluation, material: material, matches: ofMade).write(to: folder)
  }
  return evaluation
}

/// The pictures of an evaluation, all at the generator's size.
struct GANMaterial {
  let made: [Frame]
  /// Real crops of the validation and test parts, and the source of each.
  let unseen: [Frame]
  let groups: [String]
  /// All real crops that the generator was trained on.
  let training: [Frame]

  /// - Throws: `WorkflowError.input` when too few real crops remain, or the set's sources are not those of the
  ///   generator.
  init(_ options: GANEvaluateOptions, model: GANModel) throws {
    let path = options.splitPath ?? TrainOptions.splitPath(besideModel: options.model)
    guard FileManager.default.fileExists(atPath: path) else {
      throw WorkflowError.input(path: path, why: "there is no split beside the model: name it with --split")
    }
    let data = try GANData(crops: options.crops, split: path, size: model.size, smallestCount: 8, seed: 1)
    let known = Set(model.trainingGroups)
    let items = data.set.items
    let others = [Part.validation, .test].flatMap { data.split.indices(of: $0, in: items) }
      .filter { items[$0].label == .real && !known.contains(items[$0].group) }.sorted()
    let chosen = GANData.some(options.most, of: others)
    guard chosen.count > max(options.neighbours, 8) else {
      throw WorkflowError.input(
        path: options.crops,
        why: "only \(chosen.count) of its real crops are of sources held out from the generator's training")
    }
    let learnt = data.training.filter { known.contains(items[$0].group) }
    guard learnt.count > max(options.neighbours, 8) else {
      throw WorkflowError.input(
        path: options.crops,
        why: learnt.isEmpty
          ? "it does not contain the generator's training crops"
          : "only \(learnt.count) of the generator's training crops are in it: more than \(max(options.neighbours, 8)) are "
            + "needed")
    }
    let count = max(options.count ?? chosen.count, options.neighbours + 1)
    made = try FaceSampler(model.generator, truncation: options.truncation)
      .pictures(Array(0..<count), seed: options.seed)
    unseen = chosen.map(data.picture)
    groups = chosen.map { items[$0].group }
    training = learnt.map(data.picture)
  }

  /// Evenly spaced sample of the pictures.
  func some(_ count: Int, of pictures: [Frame]) -> [Frame] {
    GANData.some(count, of: Array(pictures.indices)).map { pictures[$0] }
  }
}

/// Metrics in the feature space of one network.
private func space(
  _ path: String, _ material: GANMaterial, _ options: GANEvaluateOptions, _ progress: ProgressLine
) throws -> GANEvaluation.Space {
  let loaded = try loadModel(at: path)
  let detector = loaded.detector
  let features = try PictureFeatures(
    of: detector.network, preprocessing: detector.preprocessing, most: 2048, name: detector.name)
  func table(_ pictures: [Frame]) throws -> FeatureTable {
    try features.table(pictures, workers: options.workers, progress: progress)
  }
  let (made, unseen) = (try table(material.made), try table(material.unseen))
  let learnt = try table(material.some(material.unseen.count, of: material.training))
  let ofReal = SampleManifold(of: unseen, neighbours: options.neighbours).contains(made)
  let ofMade = SampleManifold(of: made, neighbours: options.neighbours).contains(unseen)
  return GANEvaluation.Space(
    model: detector.name, modelSHA256: loaded.sha256, layer: features.layer, features: features.width,
    frechetDistance: try distance(made, unseen, groups: material.groups),
    frechetDistanceOfTraining: try distance(learnt, unseen, groups: material.groups),
    precision: fraction(ofReal, groups: ofReal.indices.map(String.init)),
    recall: fraction(ofMade, groups: material.groups))
}

/// Fréchet distance to real crops, with a jackknife interval over groups of whole sources.
private func distance(
  _ made: FeatureTable, _ unseen: FeatureTable, groups: [String]
) throws -> GANEvaluation.Figure {
  let value = try FrechetDistance.between(made, unseen) ?? 0
  let positions = Dictionary(uniqueKeysWithValues: Set(groups).sorted().enumerated().map { ($1, $0) })
  let interval = try Jackknife.interval(of: value, sources: positions.count) { group in
    let left = unseen.selecting(groups.indices.filter { (positions[groups[$0]] ?? 0) % Jackknife.groups != group })
    return try FrechetDistance.between(
      made.selecting((0..<made.rows).filter { $0 % Jackknife.groups != group }), left)
  }
  return GANEvaluation.Figure(
    value: value, interval: interval.map { Interval(lower: max(0, $0.lower), upper: $0.upper) })
}

/// A fraction with its bootstrap interval.
private func fraction(_ values: [Bool], groups: [String]) -> GANEvaluation.Figure {
  func mean(_ indices: [Int]) -> Double { Double(indices.count { values[$0] }) / Double(max(indices.count, 1)) }
  var generator = SeededGenerator(seed: 1)
  let bootstrap = Bootstrap(groups: groups)
  let drawn = bootstrap.intervals(using: &generator) { [mean($0)] }[0]
  let value = mean(Array(values.indices))
  return GANEvaluation.Figure(
    value: value, interval: Interval.bounding(value, drawn: drawn, sources: bootstrap.sourceCount))
}

private func memorisation(
  _ made: [Double], _ unseen: [Double], groups: [String]
) -> GANEvaluation.Memorisation {
  // Ranks by negative distance, so the AUC is the probability that a generated picture is nearer than a real one.
  let ranked = ScoredLabels(
    scores: (made + unseen).map { -$0 }, labels: made.map { _ in true } + unseen.map { _ in false })
  var generator = SeededGenerator(seed: 1)
  // The generated pictures are many; the real sources may be few.
  let interval =
    Interval.shortage(of: Set(groups).count) != nil
    ? nil
    : Bootstrap(groups: made.indices.map { "picture \($0)" } + groups.map { "source \($0)" })
      .interval(of: ranked, using: &generator) { ThresholdCurve($0).auc }
  func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
  return GANEvaluation.Memorisation(
    nearer: GANEvaluation.Figure(value: ThresholdCurve(ranked).auc ?? 0.5, interval: interval),
    distance: median(made), distanceOfUnseen: median(unseen))
}
