package import Datasets
package import Models
import NeuralNet

/// Settings of `assay train`.
package struct TrainOptions: Sendable {
  package var crops: String
  package var output: String
  package var name = ""
  /// The architecture, as parsed by `NetworkName`.
  package var network = NetworkCatalog.paperName
  /// Model file that supplies network, initial weights and preprocessing; nil for a new network.
  package var from: String?
  /// Folds that model's batch norm into its convolutions before training.
  package var foldsNorm = false
  /// Widths, hidden units and dropout of the paper's network before its changes.
  package var widths = PaperCNN().widths
  package var hidden = PaperCNN().hidden
  package var dropout = PaperCNN().dropout
  package var epochs = 40
  package var batch = 32
  /// Side and margin of the input crops; nil for those of the stored crops.
  package var inputSize: Int?
  /// Whether the network takes the crops at their stored size, whatever its usual size.
  package var takesStoredCrops = false
  package var inputMargin: Double?
  /// Samples per epoch; nil for the number of training crops.
  package var epochCrops: Int?
  /// Trains on pairs of a real crop and a fake of the same source, with a weight per data set (empty: by number of
  /// sources); nil draws crops individually.
  package var pairs: [String: Double]?
  package var optimisation = OptimisationOptions()
  /// Early stopping: epochs without improvement on the validation part before training ends; 0 disables it.
  package var patience = 0
  package var augmentation: Float = 1
  package var selfBlending: Float = 0
  /// Draws per self-blended fake, of which the one that is hardest for the current network is used; 1 for a single
  /// random draw.
  package var adversarialBlending = 1
  /// Generator made by `assay gan train`, and the fraction of the real crops replaced by fakes made with it.
  package var gan: String?
  package var ganFraction: Float = 0.2
  /// Adversarial training; nil for training on unperturbed crops.
  package var hardening: HardeningOptions?
  /// Fits a kernel classifier on the network's statistics; nil for training in epochs.
  package var kernel: KernelOptions?
  /// Model to average the new one with; it must not have used this split's validation and test parts.
  package var partner: String?
  /// Prevalence of fakes that scores are calibrated for, above 0 and below 1.
  package var assumedPrevalence = 0.5
  /// Limitations stated in the model card.
  package var limits = "Recognises the manipulations and the kind of footage that it was trained on, and little else."
  /// Manipulations excluded from training and validation; the test part keeps them, to measure generalisation.
  package var leftOut: [String] = []
  /// Split file, or model whose split to use; nil to make one.
  package var givenSplit: String?
  /// Fractions of the split's parts, for data sets without an official split.
  package var splitFractions = Split.Fractions.standard
  /// Whether to continue despite a source in two parts of the split.
  package var allowsLeakage = false
  /// The split to use; nil to make one from the seed.
  package var split: Split?
  /// Indices of the crops for training and for epoch selection; nil for the split's parts.
  package var chosen: (train: [Int], validation: [Int])?
  package var seed: UInt64 = 1
  package var workers = 2
  package var resume = false
  package var quiet = false

  package init(crops: String, output: String) {
    self.crops = crops
    self.output = output
  }

  /// Settings that determine the result, as recorded in model file and checkpoint.
  var recorded: [String: String] {
    var own = [
      "network": network, "widths": widths.map(String.init).joined(separator: ","), "hidden": "\(hidden)",
      "dropout": "\(dropout)",
      "epochs": "\(epochs)", "batch": "\(batch)", "patience": "\(patience)", "augmentation": "\(augmentation)",
      "self-blending": "\(selfBlending)", "seed": "\(seed)", "workers": "\(workers)",
    ]
    if let inputSize { own["input"] = "\(inputSize)" }
    if let inputMargin { own["input-margin"] = "\(inputMargin)" }
    if let epochCrops { own["epoch-crops"] = "\(epochCrops)" }
    if let pairs {
      let mix = pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      own["pairs"] = mix.isEmpty ? RecordedSettings.equalPairs : mix.joined(separator: ",")
    }
    if splitFractions != .standard {
      own["split-shares"] = [splitFractions.train, splitFractions.validation, splitFractions.test].map { "\($0)" }
        .joined(separator: ",")
    }
    if let givenSplit { own["split"] = givenSplit }
    if let partner { own["ensemble-with"] = partner }
    own["assumed-prevalence"] = "\(assumedPrevalence)"
    if adversarialBlending > 1 { own["adversarial-blending"] = "\(adversarialBlending)" }
    if let gan {
      own["gan"] = gan
      own["gan-share"] = "\(ganFraction)"
    }
    if !leftOut.isEmpty { own["leave-out"] = leftOut.joined(separator: ",") }
    if let kernel {
      for key in ["widths", "hidden", "dropout", "epochs", "patience"] { own[key] = nil }
      return own.merging(kernel.recorded) { own, _ in own }
    }
    if let hardening { own.merge(hardening.recorded) { own, _ in own } }
    if let from {
      for key in ["network", "widths", "hidden", "dropout"] { own[key] = nil }
      own["from"] = from
      if foldsNorm { own["fold-norm"] = "true" }
    }
    return own.merging(optimisation.recorded) { own, _ in own }
  }

  /// The paper's network before its changes.
  package var paper: PaperCNN {
    var paper = PaperCNN()
    paper.widths = widths
    paper.hidden = hidden
    paper.dropout = dropout
    return paper
  }

  package var checkpointPath: String { output + ".checkpoint" }
  var bestPath: String { output + ".best" }
  package var splitPath: String { Self.splitPath(besideModel: output) }
  var logPath: String { output + ".log.csv" }
  var logLinesPath: String { output + ".log.jsonl" }
  var curvePath: String { output + ".curve.svg" }

  /// Path of the split that `assay train` writes beside a model.
  package static func splitPath(besideModel path: String) -> String { path + ".split.json" }
}
