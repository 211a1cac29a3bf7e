import Datasets
import Files
import Foundation
import Models
import Runs
import Scoring
import Training

/// How much a generator's pictures contribute to classifier training: the last open question of the seed paper.
struct GANStudy: Study {
  static let about = StudyAbout(
    name: "gan", title: "Generated faces as training data",
    question:
      "Does training on a generator's pictures improve a classifier over classical augmentation, the same amount of "
      + "duplicated data, or fakes blended from real crops, at equal training?",
    inputs: "CROPS [OTHER CROPS]",
    settings: [
      .init("network", "architecture, as listed by assay model list"),
      .init("fractions", "fractions of the training crops to use, in per cent, ascending"),
      .init("seeds", "seeds of draw, generator, weights and order"),
      .init("gan-size", "side of the generator's pictures in pixels"),
      .init("gan-width", "channels of its layers"),
      .init("gan-steps", "steps of its training"),
      .init("gan-batch", "crops in one of them"),
      .init("gan-fraction", "fraction of the real crops replaced by generated fakes"),
      .init("blending", "fraction of the real crops replaced by self-blended fakes"),
      .init("draws", "draws from which adversarial self-blending selects the hardest"),
      .init("features", "models whose features are used for Fréchet distances"),
      .init("pictures", "maximum number of held-out real crops, and of pictures, to measure them on"),
    ] + StudyTrial.settings)

  /// A training method; the first one is the baseline.
  enum Arm: String, CaseIterable {
    case augmentation = "classical augmentation"
    case real = "data alone"
    case duplicated = "duplicated data"
    case generated = "with generated fakes"
    case generatedOnly = "generated fakes only"
    case blended = "self-blending"
    case adversarial = "adversarial self-blending"
  }

  /// Name of the cell that trains the generator for one fraction and seed.
  static let generator = "generator"

  let request: StudyRequest
  let network: String
  let percentages: [Int]
  let seeds: [Int]
  private(set) var trial: StudyTrial?
  /// Crops of another data set, used entirely for testing; nil if none was given.
  private(set) var other: CropSet?
  private let crops: StudyCrops
  private let otherCrops: StudyCrops?
  private let gan: GANOptions
  private let ganFraction: Float
  private let blending: Float
  private let draws: Int
  private let features: [String]
  private let pictures: Int

  init(_ request: StudyRequest) throws {
    self.request = request
    let settings = request.settings
    network = try settings.text("network")
    _ = try NetworkName(network)
    percentages = try settings.integers("fractions", in: 1...100)
    seeds = try settings.integers("seeds", in: 0...1_000_000)
    guard zip(percentages, percentages.dropFirst()).allSatisfy(<) else {
      throw WorkflowError.usage("the setting 'fractions' takes ascending numbers")
    }
    var gan = GANOptions(crops: "", output: "")
    gan.size = try settings.integer("gan-size", in: 16...128)
    gan.width = try settings.integer("gan-width", in: 2...1024)
    gan.steps = try settings.integer("gan-steps", in: 1...100_000_000)
    gan.batch = try settings.integer("gan-batch", in: 4...4096)
    gan.lookEvery = max(gan.steps / 4, 1)
    gan.quiet = true
    _ = try gan.madeDesign()
    self.gan = gan
    ganFraction = Float(try settings.number("gan-fraction", in: 0.001...0.9))
    blending = Float(try settings.number("blending", in: 0.001...0.9))
    draws = try settings.integer("draws", in: 2...16)
    features = try settings.texts("features")
    pictures = try settings.integer("pictures", in: 16...1_000_000)
    try StudyTrial.check(settings)
    guard request.inputs.count <= 2, let first = request.inputs.first else {
      throw WorkflowError.usage("the study 'gan' takes a crop set, and another one to test on")
    }
    crops = try StudyCrops([first])
    otherCrops = try request.inputs.dropFirst().first.map { try StudyCrops([$0], name: "other crops") }
    guard crops.isCropSet, otherCrops?.isCropSet ?? true else {
      throw WorkflowError.usage("the study 'gan' takes crop sets made by assay crops")
    }
  }

  var sources: [StudySource] { [crops.source] + (otherCrops.map { [$0.source] } ?? []) }

  mutating func prepare(_ bench: StudyBench) throws {
    let trial = try StudyTrial(crops, request, bench)
    guard trial.set.header.size >= gan.size else {
      throw WorkflowError.usage(
        "'gan-size' \(gan.size) is more than the 'size' of the crops, \(trial.set.header.size)")
    }
    let fewest = trial.trainingPart(.real).count * percentages[0] / 100
    guard fewest >= max(gan.batch, 8) else {
      throw WorkflowError.usage(
        "\(percentages[0]) % of the training part are \(fewest) real crops: too few for 'gan-batch'")
    }
    self.trial = trial
    guard let otherCrops else { return }
    let folder = bench.path("other")
    try makeOutputFolder(folder)
    other = try otherCrops.prepared(
      size: trial.set.header.size,
      StudyBench(folder: folder, workers: bench.workers, interruption: bench.interruption))
  }

  func cells() -> [StudyCell] {
    percentages.flatMap { percent in
      seeds.flatMap { seed in
        ([Self.generator] + Arm.allCases.map(\.rawValue)).map {
          StudyCell([.arm: $0, .share: "\(percent)", .seed: "\(seed)"])
        }
      }
    }
  }

  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    guard let trial, let percent = Int(cell[.share]), let seed = UInt64(cell[.seed]) else {
      preconditionFailure("the study is not prepared for \(cell.text)")
    }
    // Ordered draws: for one seed, a larger fraction contains the smaller ones.
    let drawn = Label.allCases.map { label in
      let part = trial.trainingPart(label)
      return StudyDraw.items(
        part, count: max(part.count * percent / 100, 1), seed: seed, path: [1, UInt64(label.rawValue)])
    }
    let (real, fake) = (drawn[Int(Label.real.rawValue)], drawn[Int(Label.fake.rawValue)])
    guard let arm = Arm(rawValue: cell[.arm]) else {
      return try train(cell, real, seed: seed, trial, bench)
    }
    let generator = generatorPath(percent: percent, seed: seed, bench)
    let duplicates = StudyDraw.items(real, count: Int(Float(real.count) * ganFraction), seed: seed, path: [2])
    let shown = arm == .generatedOnly ? real : real + fake + (arm == .duplicated ? duplicates : [])
    guard
      var record = try trial.run(
        cell, network: network, crops: shown, seed: seed, bench,
        change: { options in
          switch arm {
          case .augmentation, .duplicated: break
          case .real: options.augmentation = 0
          case .generated:
            options.gan = generator
            options.ganFraction = ganFraction
          case .generatedOnly:
            options.gan = generator
            options.ganFraction = 0.5
          case .blended: options.selfBlending = blending
          case .adversarial:
            options.selfBlending = blending
            options.adversarialBlending = draws
          }
        })
    else { return nil }
    if let other {
      let model = try bench.model("\(cell.fileName).safetensors").detector
      let logits = try scoreCrops(
        Array(other.records.indices), of: other, network: model.network, preprocessing: model.preprocessing,
        batch: 32)
      record.set([.other: logits])
    }
    return record
  }

  private func generatorPath(percent: Int, seed: UInt64, _ bench: StudyBench) -> String {
    bench.path("generator-of-\(percent)-\(seed).safetensors")
  }

  /// Trains the generator for one fraction and seed, and compares its pictures with held-out real crops.
  private func train(
    _ cell: StudyCell, _ real: [Int], seed: UInt64, _ trial: StudyTrial, _ bench: StudyBench
  ) throws -> StudyRecord? {
    var options = gan
    options.crops = trial.set.folder
    options.output = generatorPath(percent: Int(cell[.share]) ?? 0, seed: seed, bench)
    options.name = cell.text
    options.seed = seed
    options.workers = bench.workers
    options.split = trial.split
    options.chosen = real
    options.resume = FileManager.default.fileExists(atPath: options.checkpointPath)
    guard let trained = try fitGAN(options, bench.interruption) else { return nil }
    var measure = GANEvaluateOptions(model: options.output, crops: trial.set.folder)
    measure.features = features
    measure.most = pictures
    measure.workers = bench.workers
    measure.quiet = true
    let evaluation = try evaluateGAN(measure)
    var record = StudyRecord(cell)
    record.values = [
      "training_crops": Double(real.count), "diversity": evaluation.diversity,
      "nearer": evaluation.memorisation.nearer.value, "pictures": Double(evaluation.pictures),
    ]
    for space in evaluation.spaces {
      record.values["frechet \(space.model)"] = space.frechetDistance.value
      record.values["frechet of training \(space.model)"] = space.frechetDistanceOfTraining.value
      record.values["precision \(space.model)"] = space.precision.value
      record.values["recall \(space.model)"] = space.recall.value
    }
    if !trained.model.findings.isEmpty { record.notes["findings"] = trained.model.findings.joined(separator: "; ") }
    return record
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    guard let trial else { preconditionFailure("the study is not prepared") }
    return try GANFindings(study: self, trial: trial, records: records).make()
  }
}
