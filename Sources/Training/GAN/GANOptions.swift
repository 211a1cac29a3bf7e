package import Datasets
package import Models
package import NeuralNet
package import Runs

/// Settings of `assay gan train`.
package struct GANOptions: Sendable {
  package var crops: String
  package var output: String
  package var name = ""
  /// A name in `AdversarialCatalog`.
  package var design = AdversarialCatalog.all[0].name
  /// Side of the pictures in pixels.
  package var size = 64
  /// Length of the latent vector, and channel width; nil for the design's default.
  package var latent: Int?
  package var width: Int?
  package var steps = 20_000
  package var batch = 16
  /// Loss (`hinge` or `non-saturating`) and learning rates; nil for the design's default.
  package var loss: AdversarialLoss?
  package var generatorRate: Float?
  package var discriminatorRate: Float?
  package var discriminatorSteps = 1
  /// Cutout is excluded: generators learn to reproduce it early in training.
  package var augmentation: Set<DifferentiableAugmentation.Kind> = [.colour, .translation]
  /// Whether crops are also shown mirrored.
  package var mirrors = true
  /// Decay of the moving average of the generator's weights.
  package var average: Float = 0.999
  /// Steps between log entries, each with a checkpoint.
  package var lookEvery = 250
  /// Diversity relative to real crops below which the generator counts as collapsed.
  package var collapseFraction = 0.5
  /// Number of initial steps without that check: averaged weights start from noise.
  package var collapseGrace = 2000
  /// Split to use, such as that of a classifier; nil to make one from the seed.
  package var splitPath: String?
  /// The split as a value; takes precedence over the path.
  package var split: Split?
  /// Indices of the training crops; nil for the real crops of the split's training part. Studies use fewer.
  package var chosen: [Int]?
  package var seed: UInt64 = 1
  package var workers = 2
  package var resume = false
  package var quiet = false

  package init(crops: String, output: String) {
    self.crops = crops
    self.output = output
  }

  /// The networks for these settings.
  ///
  /// - Throws: `WorkflowError.settings` for an unknown name.
  package func madeDesign() throws(WorkflowError) -> any AdversarialDesign {
    guard var made = AdversarialCatalog[design]?.design else {
      let names = AdversarialCatalog.all.map(\.name).joined(separator: ", ")
      throw .usage("there is no design '\(design)'; there are \(names)")
    }
    guard AdversarialCatalog.sizes.contains(size) else {
      throw .usage(
        "pictures have \(AdversarialCatalog.sizes.map(String.init).joined(separator: ", ")) pixels, not \(size)")
    }
    made.size = size
    if let latent { made.latent = latent }
    if let width { made.width = width }
    return made
  }

  /// Settings that determine the result, as recorded in model file and checkpoint. The number of steps is not among
  /// them, so a run can be extended.
  func recorded(_ made: any AdversarialDesign) -> [String: String] {
    [
      "design": design, "size": "\(size)", "latent": "\(made.latent)", "width": "\(made.width)", "batch": "\(batch)",
      "loss": (loss ?? made.loss).rawValue, "generator-rate": "\(generatorRate ?? made.rates.generator)",
      "discriminator-rate": "\(discriminatorRate ?? made.rates.discriminator)",
      "discriminator-steps": "\(discriminatorSteps)",
      "augmentation": augmentation.isEmpty ? "none" : augmentation.map(\.rawValue).sorted().joined(separator: ","),
      "mirrors": "\(mirrors)", "average": "\(average)", "look-every": "\(lookEvery)",
      "collapse-share": "\(collapseFraction)", "seed": "\(seed)", "workers": "\(workers)",
    ]
  }

  package var checkpointPath: String { output + ".checkpoint" }
  var outputSplitPath: String { TrainOptions.splitPath(besideModel: output) }
  var logPath: String { output + ".log.csv" }
  var logLinesPath: String { output + ".log.jsonl" }
  var curvePath: String { output + ".curve.svg" }
  /// Folder of the sample sheets.
  var sheetsPath: String { output + ".samples" }
  /// Classifier on the discriminator's features.
  var opinionPath: String {
    let stem = output.hasSuffix(".safetensors") ? String(output.dropLast(".safetensors".count)) : output
    return stem + ".opinion.safetensors"
  }
}
