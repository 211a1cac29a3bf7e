import Attacks
import Datasets
import Foundation
import Metrics
import Models
import NeuralNet
import RedTeam
import Runs
import Scoring
import Training

/// Trains and measures the networks of a study's cells identically: on the whole test part, and under attack on a
/// subset.
struct StudyTrial: Sendable {
  let set: CropSet
  let test: [Int]
  /// Crops of the test part to attack.
  let attacked: [Int]
  let validation: [Int]
  private let training: [Int]
  let split: Split
  private let options: TrainOptions
  private let steps: Int
  private let attack: any Attack
  private let epsilon: Float
  private let seed: UInt64

  /// Settings common to all studies with trials.
  static let settings: [StudyAbout.Setting] = [
    .init("size", "side of the crops in pixels"),
    .init("widths", "channels of the four convolutions of paper-cnn, before modifiers"),
    .init("hidden", "units of its first fully connected layer"),
    .init("dropout", "dropout probability before its fully connected layers"),
    .init("steps", "training steps, the same for every network; residual-cooccurrence is fitted in closed form"),
    .init("batch", "crops in one step"),
    .init("learning-rate", "highest learning rate"),
    .init("augmentation", "strength of the augmentations, 0 to 1"),
    .init("validation", "validation crops per class, for selecting the epoch"),
    .init("attack", "ℓ∞ attack for robust accuracy"),
    .init("epsilon", "budget of the attack on the [0, 1] scale"),
    .init("attack-steps", "its iterations"),
    .init("attacked", "test crops per class to attack"),
  ]

  /// - Throws: `WorkflowError.settings`.
  static func check(_ settings: StudySettings) throws {
    _ = try settings.integer("size", in: 32...1024)
    _ = try TrialSettings(settings)
  }

  /// - Throws: `WorkflowError.input` if a part lacks a class.
  init(_ crops: StudyCrops, _ request: StudyRequest, _ bench: StudyBench) throws {
    let settings = try TrialSettings(request.settings)
    set = try crops.prepared(size: try request.settings.integer("size", in: 32...1024), bench)
    let items = set.items
    split = try request.trainingSplit(of: items)
    test = split.indices(of: .test, in: items)
    training = split.indices(of: .train, in: items)
    for (name, part) in [("test", test), ("training", training)] {
      guard Set(part.map { items[$0].label }).count == 2 else {
        throw WorkflowError.input(
          path: crops.source.path,
          why: "the \(name) part of the split lacks real or fake crops: name another split with --split")
      }
    }
    attacked = AttackPlan.chosen(test, of: set, limit: settings.attacked, seed: request.seed)
    validation = AttackPlan.chosen(
      split.indices(of: .validation, in: items), of: set, limit: settings.validation, seed: request.seed)
    attack = settings.attack
    epsilon = settings.epsilon
    steps = settings.steps
    options = settings.options
    seed = request.seed
  }

  /// Untrained network with this name at the size of the crops.
  func untrained(_ name: String) throws -> Network {
    var design = try NetworkName(name).design(paper: options.paper)
    design.inputSize = set.header.size
    return design.network(seed: 1)
  }

  /// Indices of the training part by class.
  func trainingPart(_ label: Label) -> [Int] { training.filter { set.records[$0].item.label == label } }

  /// The whole training part.
  var wholeTrainingPart: [Int] { training }

  /// Trains and measures a network; leaves its model file in the bench's folder.
  ///
  /// - Parameters:
  ///   - network: name as parsed by `NetworkName`.
  ///   - crops: indices of the training crops.
  ///   - seed: seed of weights, order and augmentations.
  ///   - change: applies the arm's changes to the training options.
  /// - Returns: nil when the run was interrupted.
  func run(
    _ cell: StudyCell, network: String, crops: [Int], seed: UInt64, _ bench: StudyBench,
    change: (inout TrainOptions) -> Void = { _ in }
  ) throws -> StudyRecord? {
    var options = options
    options.crops = set.folder
    options.network = network
    options.output = bench.path("\(cell.fileName).safetensors")
    options.name = cell.text
    options.seed = seed
    options.split = split
    // A multiple of the worker count.
    options.batch = max(min(options.batch, crops.count) / bench.workers, 1) * bench.workers
    options.chosen = (crops, validation)
    options.epochs = max(1, Int((Double(steps) / Double(max(crops.count / options.batch, 1))).rounded()))
    change(&options)
    if try Self.isSolved(network) { options.kernel = Self.kernel(for: options, crops: crops.count) }
    guard let trained = try bench.train(options) else { return nil }
    let logits = try scoreCrops(
      test, of: set, network: trained.model.network, preprocessing: trained.model.preprocessing, batch: 32)
    let loaded = LoadedModel(detector: trained.model, sha256: "", path: options.output)
    let robustness = StudyAttack(
      set: set, model: AttackModel(loaded), attack: attack, epsilon: epsilon, seed: self.seed)
    guard let outcomes = try robustness.run(on: attacked, bench) else { return nil }
    var record = StudyRecord(cell)
    record.set([
      .logit: logits, .clean: outcomes.map { $0.attack.isInitiallyCorrect ? 1 : 0 },
      .robust: outcomes.map { $0.attack.isInitiallyCorrect && !$0.attack.isSuccess ? 1 : 0 },
    ])
    record.values = [
      "training_crops": Double(crops.count), "epochs": Double(trained.epochs), "validation_auc": trained.validationAUC,
      "calibrated": trained.isCalibrated ? 1 : 0,
      "test_auc": ThresholdCurve(ScoredLabels(scores: logits, labels: isFake(test))).auc ?? 0.5,
      "clean_accuracy": fraction(outcomes.map(\.attack.isInitiallyCorrect)),
      "robust_accuracy": fraction(outcomes.map { $0.attack.isInitiallyCorrect && !$0.attack.isSuccess }),
    ]
    return record
  }

  /// Whether a network is fitted in closed form on its statistics instead of by gradient descent.
  static func isSolved(_ network: String) throws -> Bool {
    try NetworkName(network).design() is any StatisticsDesign
  }

  /// Kernel settings that also suit few crops; one copy of each crop if training augments crops or makes fakes of them.
  private static func kernel(for options: TrainOptions, crops: Int) -> KernelOptions {
    var kernel = KernelOptions()
    kernel.components = min(kernel.components, crops / 2)
    kernel.copies = options.augmentation > 0 || options.selfBlending > 0 || options.gan != nil ? 1 : 0
    kernel.grid = .ridgesAlone
    return kernel
  }

  /// Description of the training, as text.
  func trainingText(_ network: String) -> String {
    let size = set.header.size
    let chosen = "is the one with the best AUC on \(validation.count) validation crops"
    return (try? Self.isSolved(network)) == true
      ? "The network \(network) with a Gaussian kernel on \(size)×\(size) pixels, fitted in closed form; its ridge \(chosen). Augmented or blended "
        + "crops are added to the original ones."
      : "The network \(network) on \(size)×\(size) pixels, trained for \(steps) steps; its epoch \(chosen)."
  }

  private func fraction(_ values: [Bool]) -> Double { Double(values.count { $0 }) / Double(max(values.count, 1)) }

  func isFake(_ crops: [Int]) -> [Bool] { crops.map { set.records[$0].item.label == .fake } }

  func sources(_ crops: [Int]) -> [String] { crops.map { set.records[$0].item.group } }

  /// Description of the attack, as text.
  var attackText: String { "\(attack.id) at ℓ∞ \(String(format: "%g", epsilon * 255))/255" }
}

// Studies with trials train their own networks.
extension ScalingStudy { static var trainsNetworks: Bool { true } }
extension ArchitectureStudy { static var trainsNetworks: Bool { true } }
extension GANStudy { static var trainsNetworks: Bool { true } }

/// Parsed settings of a trial.
private struct TrialSettings {
  let options: TrainOptions
  let steps: Int
  let validation: Int
  let attacked: Int
  let attack: any Attack
  let epsilon: Float

  init(_ settings: StudySettings) throws {
    var options = TrainOptions(crops: "", output: "")
    try options.takePaperNetwork(settings)
    options.batch = try settings.integer("batch", in: 2...4096)
    options.optimisation.learningRate = Float(try settings.number("learning-rate", in: 1e-7...10))
    options.augmentation = Float(try settings.number("augmentation", in: 0...1))
    self.options = options
    steps = try settings.integer("steps", in: 1...10_000_000)
    validation = try settings.integer("validation", in: 1...1_000_000)
    attacked = try settings.integer("attacked", in: 1...1_000_000)
    epsilon = Float(try settings.number("epsilon", in: 0...1))
    let name = try settings.text("attack")
    attack = try StudyAttack.named(name, steps: try settings.integer("attack-steps", in: 1...100_000))
    guard attack.norm == .linf else {
      throw WorkflowError.usage("the setting 'attack' takes attacks in ℓ∞, not '\(name)'")
    }
  }
}

extension TrainOptions {
  /// Reads the settings of the paper's network: `widths`, `hidden`, `dropout`.
  ///
  /// - Throws: `WorkflowError.settings`.
  mutating func takePaperNetwork(_ settings: StudySettings) throws(WorkflowError) {
    widths = try settings.integers("widths", in: 1...1024)
    guard widths.count == 4 else { throw .usage("the setting 'widths' takes four numbers") }
    hidden = try settings.integer("hidden", in: 1...4096)
    dropout = Float(try settings.number("dropout", in: 0...0.95))
  }
}
