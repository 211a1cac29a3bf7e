import Attacks
import Datasets
import Foundation
import Metrics
import Models
import NeuralNet
import RedTeam
import Reports
import Runs
import Scoring
import Training

/// Reproduces the seed paper's experiment as far as its text specifies it: network, split, metrics, and white-box
/// perturbations of single pictures with the probability before and after (arXiv 2302.11704).
struct PaperStudy: Study {
  static let about = StudyAbout(
    name: "paper", title: "The experiment of arXiv 2302.11704",
    question:
      "What results do the paper's network, split and metrics give on this data, and how do white-box perturbations of "
      + "single pictures change the probability of the true class?",
    inputs: "CROPS, or pictures in two folders",
    settings: [
      .init("size", "side of the pictures in pixels; 256 in the paper"),
      .init("widths", "channels of the four convolutions, which the paper does not state"),
      .init("hidden", "units of the first fully connected layer"),
      .init("dropout", "dropout probability before the fully connected layers"),
      .init("epochs", "number of epochs"),
      .init("batch", "pictures in one step"),
      .init("learning-rate", "highest learning rate"),
      .init("augmentation", "strength of the augmentations, 0 to 1"),
      .init("runs", "number of trainings, each with its own seed, on one split"),
      .init("attacks", "white-box attacks"),
      .init("epsilons", "budgets in ℓ∞ on the [0, 1] scale"),
      .init("steps", "iterations of iterative attacks"),
      .init("perturbed", "pictures per class to perturb"),
    ])

  static let trainsNetworks = true

  let request: StudyRequest
  let crops: StudyCrops
  private(set) var set: CropSet?
  private(set) var split: Split?
  private let size: Int
  private let runs: Int
  private let attacks: [String]
  private let epsilons: [Double]
  private let steps: Int
  private let perturbed: Int
  private let training: TrainOptions

  init(_ request: StudyRequest) throws {
    self.request = request
    let settings = request.settings
    size = try settings.integer("size", in: 32...1024)
    runs = try settings.integer("runs", in: 1...100)
    attacks = try settings.texts("attacks")
    epsilons = try settings.numbers("epsilons", in: 0...1)
    steps = try settings.integer("steps", in: 1...10_000)
    perturbed = try settings.integer("perturbed", in: 1...100_000)
    for name in attacks {
      let attack = try StudyAttack.named(name, steps: steps)
      guard attack.isWhiteBox, attack.norm == .linf else {
        throw WorkflowError.usage("the setting 'attacks' takes white-box attacks in ℓ∞, and '\(name)' is none")
      }
    }
    var training = TrainOptions(crops: "", output: "")
    try training.takePaperNetwork(settings)
    training.epochs = try settings.integer("epochs", in: 1...10_000)
    training.batch = try settings.integer("batch", in: 2...4096)
    training.optimisation.learningRate = Float(try settings.number("learning-rate", in: 1e-7...10))
    training.augmentation = Float(try settings.number("augmentation", in: 0...1))
    self.training = training
    crops = try StudyCrops(request.inputs)
  }

  var sources: [StudySource] { [crops.source] }

  mutating func prepare(_ bench: StudyBench) throws {
    let set = try crops.prepared(size: size, bench)
    self.set = set
    split = try request.trainingSplit(of: set.items)
  }

  func cells() -> [StudyCell] {
    (1...runs).map { StudyCell([.step: "train", .run: "\($0)", .attack: "", .epsilon: ""]) }
      + attacks.flatMap { attack in
        epsilons.indices.map { index in
          StudyCell([
            .step: "perturb", .run: "1", .attack: attack,
            .epsilon: request.settings.values["epsilons"]?[index] ?? "",
          ])
        }
      }
  }

  func run(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    cell[.step] == "train" ? try train(cell, bench) : try perturb(cell, bench)
  }

  private func data() throws -> (set: CropSet, test: [Int]) {
    guard let set, let split else { preconditionFailure("the study is not prepared") }
    let test = split.indices(of: .test, in: set.items)
    guard Set(test.map { set.records[$0].item.label }).count == 2 else {
      throw WorkflowError.input(
        path: crops.source.path,
        why: "the test part of the split lacks real or fake crops: name another split with --split")
    }
    return (set, test)
  }

  private func modelName(_ run: String) -> String { "paper-\(run).safetensors" }

  private func train(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    let (set, test) = try data()
    var options = training
    options.crops = set.folder
    options.output = bench.path(modelName(cell[.run]))
    options.name = "paper \(cell[.run])"
    options.seed = request.seed &+ (UInt64(cell[.run]) ?? 1) &- 1
    options.split = split
    // The paper mentions no calibration, so the network's raw probability counts, with threshold one half.
    guard let trained = try bench.train(options, calibrates: false) else { return nil }
    let logits = try scoreCrops(
      test, of: set, network: trained.model.network, preprocessing: trained.model.preprocessing, batch: options.batch)
    var record = StudyRecord(cell)
    record.set([.crop: test.map(Double.init), .logit: logits])
    record.values = [
      "validation_auc": trained.validationAUC, "parameters": Double(trained.model.network.parameterCount),
    ]
    return record
  }

  private func perturb(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyRecord? {
    let attack = try attack(cell, bench)
    let chosen = AttackPlan.chosen(try data().test, of: attack.set, limit: perturbed, seed: request.seed)
    guard let outcomes = try attack.run(on: chosen, bench) else { return nil }
    var record = StudyRecord(cell)
    func probability(_ logit: Float, _ index: Int) -> Double {
      sigmoid(Double(attack.set.trueClass(at: chosen[index]).margin(logit)))
    }
    record.set([
      .crop: chosen.map(Double.init),
      .before: outcomes.indices.map { probability(outcomes[$0].attack.cleanLogit, $0) },
      .after: outcomes.indices.map { probability(outcomes[$0].attack.perturbedLogit, $0) },
      .correct: outcomes.map { $0.attack.isInitiallyCorrect ? 1 : 0 },
      .flipped: outcomes.map { $0.attack.isSuccess ? 1 : 0 },
      .ssim: outcomes.map(\.similarity),
    ])
    return record
  }

  /// The attack of a cell, on the network of the cell's run.
  func attack(_ cell: StudyCell, _ bench: StudyBench) throws -> StudyAttack {
    StudyAttack(
      set: try data().set, model: AttackModel(try bench.model(modelName(cell[.run]))),
      attack: try StudyAttack.named(cell[.attack], steps: steps), epsilon: fraction(cell[.epsilon]) ?? 0,
      seed: request.seed, goesOn: true)
  }

  func findings(_ records: [StudyRecord], _ bench: StudyBench) throws -> StudyFindings {
    let (set, _) = try data()
    return try PaperFindings(
      study: self, set: set, trainings: records.filter { $0.cell[.step] == "train" },
      perturbations: records.filter { $0.cell[.step] == "perturb" }, bench: bench
    ).make()
  }
}
