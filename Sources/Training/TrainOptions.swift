package import Datasets
package import Models
import NeuralNet

/// Settings of `assay train`.
package struct TrainOptions: Sendable {
  package var crops: String
  package var output: String
  package var name = ""
  /// The architecture, as `NetworkName` reads it.
  package var network = NetworkCatalog.paperName
  /// A model file whose network, weights and preprocessing training starts from, instead of a new network.
  package var from: String?
  /// Widths, units and dropout of the paper's network before its changes.
  package var widths = PaperCNN().widths
  package var hidden = PaperCNN().hidden
  package var dropout = PaperCNN().dropout
  package var epochs = 40
  package var batch = 32
  /// Side of the crops as the network takes them, and their margin; nil: as they are stored.
  package var inputSize: Int?
  package var inputMargin: Double?
  /// Samples of an epoch; nil: as many as the training part has crops.
  package var epochCrops: Int?
  /// Trains on pairs of a real crop and a fake of the same source, with the weight of each data set among them (empty: by
  /// its sources); nil draws crops one by one.
  package var pairs: [String: Double]?
  package var optimisation = OptimisationOptions()
  /// Epochs without a better one on the validation part after which training ends; 0 never ends it early.
  package var patience = 0
  package var augmentation: Float = 1
  package var selfBlending: Float = 0
  /// Draws of each self-blended fake, of which the one is shown that is hardest for the network as it is; 1 takes what
  /// comes.
  package var adversarialBlending = 1
  /// A generator made by `assay gan train`, and the share of the real crops that are shown as fakes of its making.
  package var gan: String?
  package var ganShare: Float = 0.2
  /// Perturbs the crops that the network trains on, to harden it; nil trains on them as they are.
  package var hardening: HardeningOptions?
  /// Solves for a kernel classifier on the network's statistics; nil trains in epochs.
  package var kernel: KernelOptions?
  /// A model that the new one is averaged with; it must not have met this split's validation and test parts.
  package var partner: String?
  /// Share of fakes that scores are calibrated for; nil takes that of the validation part.
  package var assumedPrevalence: Double?
  /// What the card says the model cannot do.
  package var limits = "Knows the manipulations and the kind of footage that it was trained on, and little else."
  /// Manipulations that training and validation do not see; the test part keeps them, to measure what carries over.
  package var leftOut: [String] = []
  /// A split file, or a model whose split is taken, instead of making one.
  package var givenSplit: String?
  /// How much of the data each part of the split gets, where the data sets do not say so themselves.
  package var splitShares = Split.Shares.standard
  /// Goes on although a source is on two sides of the split.
  package var allowsLeakage = false
  /// The split to keep to; nil makes one of the seed.
  package var split: Split?
  /// Positions of the crops to train on and to choose the epoch by; nil takes the split's parts.
  package var chosen: (train: [Int], validation: [Int])?
  package var seed: UInt64 = 1
  package var workers = 2
  package var resume = false
  package var quiet = false

  package init(crops: String, output: String) {
    self.crops = crops
    self.output = output
  }

  /// What decides the result, as model file and checkpoint record it.
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
    if splitShares != .standard {
      own["split-shares"] = [splitShares.train, splitShares.validation, splitShares.test].map { "\($0)" }
        .joined(separator: ",")
    }
    if let givenSplit { own["split"] = givenSplit }
    if let partner { own["ensemble-with"] = partner }
    if let assumedPrevalence { own["assumed-prevalence"] = "\(assumedPrevalence)" }
    if adversarialBlending > 1 { own["adversarial-blending"] = "\(adversarialBlending)" }
    if let gan {
      own["gan"] = gan
      own["gan-share"] = "\(ganShare)"
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

  /// Where `assay train` writes the split of a model.
  package static func splitPath(besideModel path: String) -> String { path + ".split.json" }
}
