package import Datasets
package import Models
package import NeuralNet
package import Runs

/// Settings of `assay gan train`.
package struct GANOptions: Sendable {
  package var crops: String
  package var output: String
  package var name = ""
  /// A name of `AdversarialCatalog`.
  package var design = AdversarialCatalog.all[0].name
  /// Side of the pictures.
  package var size = 64
  /// Numbers that a picture is made of, and channels; nil takes the design's own.
  package var latent: Int?
  package var width: Int?
  package var steps = 20_000
  package var batch = 16
  /// `hinge` or `non-saturating`, learning rates; nil takes the design's own.
  package var loss: AdversarialLoss?
  package var generatorRate: Float?
  package var discriminatorRate: Float?
  package var discriminatorSteps = 1
  /// Cutouts are left out: early generators take them for a part of the pictures.
  package var augmentation: Set<DifferentiableAugmentation.Kind> = [.colour, .translation]
  /// Shows crops as a mirror does, too.
  package var mirrors = true
  /// Share of the averaged generator that a step keeps.
  package var average: Float = 0.999
  /// Steps between two looks at what the generator makes, with a checkpoint each.
  package var lookEvery = 250
  /// A generator whose pictures differ less than this share of what real ones do has collapsed.
  package var collapseShare = 0.5
  /// Steps before which that is not said: averaged weights start from noise.
  package var collapseGrace = 2000
  /// A split to keep to, such as a detector's; nil makes one by the seed.
  package var splitPath: String?
  /// The same, as a value; it goes before the path.
  package var split: Split?
  /// Positions of the crops to learn from; nil takes the real ones of the split's training part. Studies take fewer.
  package var chosen: [Int]?
  package var seed: UInt64 = 1
  package var workers = 2
  package var resume = false
  package var quiet = false

  package init(crops: String, output: String) {
    self.crops = crops
    self.output = output
  }

  /// The networks, as the settings have them.
  ///
  /// - Throws: `WorkflowError.settings` for a name that there is not.
  package func madeDesign() throws(WorkflowError) -> any AdversarialDesign {
    guard var made = AdversarialCatalog[design]?.design else {
      let names = AdversarialCatalog.all.map(\.name).joined(separator: ", ")
      throw .settings("there is no design '\(design)'; there are \(names)")
    }
    guard AdversarialCatalog.sizes.contains(size) else {
      throw .settings(
        "pictures have \(AdversarialCatalog.sizes.map(String.init).joined(separator: ", ")) pixels, not \(size)")
    }
    made.size = size
    if let latent { made.latent = latent }
    if let width { made.width = width }
    return made
  }

  /// What decides the result, as model file and checkpoint record it. How many steps there are decides nothing about
  /// each of them, so a run can be made longer.
  func recorded(_ made: any AdversarialDesign) -> [String: String] {
    [
      "design": design, "size": "\(size)", "latent": "\(made.latent)", "width": "\(made.width)", "batch": "\(batch)",
      "loss": (loss ?? made.loss).rawValue, "generator-rate": "\(generatorRate ?? made.rates.generator)",
      "discriminator-rate": "\(discriminatorRate ?? made.rates.discriminator)",
      "discriminator-steps": "\(discriminatorSteps)",
      "augmentation": augmentation.isEmpty ? "none" : augmentation.map(\.rawValue).sorted().joined(separator: ","),
      "mirrors": "\(mirrors)", "average": "\(average)", "look-every": "\(lookEvery)",
      "collapse-share": "\(collapseShare)", "seed": "\(seed)", "workers": "\(workers)",
    ]
  }

  package var checkpointPath: String { output + ".checkpoint" }
  var outputSplitPath: String { TrainOptions.splitPath(besideModel: output) }
  var logPath: String { output + ".log.csv" }
  var logLinesPath: String { output + ".log.jsonl" }
  var curvePath: String { output + ".curve.svg" }
  /// Folder of the sample sheets.
  var sheetsPath: String { output + ".samples" }
  /// The detector model on the discriminator's features.
  var opinionPath: String {
    let stem = output.hasSuffix(".safetensors") ? String(output.dropLast(".safetensors".count)) : output
    return stem + ".opinion.safetensors"
  }
}
