import ArgumentParser
import Datasets
import Training

/// The options of `assay train` that select the training samples.
struct SampleArguments: ParsableArguments {
  @Flag(
    help: """
      Train on pairs of a real crop and a fake of the same source, half of them with the same augmentation. With \
      --self-blending, that fraction of the fakes is made from the pair's real crop.
      """)
  var pairs = false

  @Option(
    help: ArgumentHelp(
      "Weight of each data set among the pairs, such as dfdc=3,ffpp-crops=1 (default: by number of sources).",
      valueName: "weights"))
  var mix: String?

  @Option(
    help:
      "Side of the network's input in pixels. Default: that of the model or architecture, at most that of the crops.")
  var input: Int?

  @Option(help: "Crop margin of the network's input. Default: that of the model with --from, else that of the crops.")
  var inputMargin: Double?

  @Option(help: ArgumentHelp("Crops per epoch (default: the size of the training part).", valueName: "crops"))
  var epochCrops: Int?

  @Option(
    help: ArgumentHelp(
      "Proportions of training, validation and test part, for data sets that do not define them.", valueName: "shares"))
  var splitFractions = "60,20,20"

  /// Weights by data set; nil without pairs.
  var weights: [String: Double]? {
    get throws {
      guard pairs else { return nil }
      var weights: [String: Double] = [:]
      for part in (mix ?? "").split(separator: ",") {
        let words = part.split(separator: "=", maxSplits: 1)
        guard words.count == 2, let weight = Double(words[1]), weight >= 0, weight.isFinite else {
          throw ValidationError("--mix needs NAME=WEIGHT, separated by commas, not \(part).")
        }
        weights[String(words[0])] = weight
      }
      return weights
    }
  }

  var fractions: Split.Fractions {
    get throws {
      let numbers = splitFractions.split(separator: ",").compactMap { Double($0) }
      guard numbers.count == 3, numbers.allSatisfy({ $0.isFinite && $0 >= 0 }), numbers[0] > 0, numbers[1] > 0 else {
        throw ValidationError("--split-fractions needs three numbers such as 60,20,20, not \(splitFractions).")
      }
      return Split.Fractions(train: numbers[0], validation: numbers[1], test: numbers[2])
    }
  }

  func validate() throws {
    guard mix == nil || pairs else { throw ValidationError("--mix needs --pairs.") }
    if let input { try require(input, in: 32...1024, "--input") }
    if let inputMargin { try require(inputMargin, in: 0...2, "--input-margin") }
    if let epochCrops { try require(epochCrops, in: 2...100_000_000, "--epoch-crops") }
    _ = try weights
    _ = try fractions
  }

  func apply(to options: inout TrainOptions) throws {
    options.pairs = try weights
    options.epochCrops = epochCrops
    options.inputSize = input
    options.inputMargin = inputMargin
    options.splitFractions = try fractions
  }
}
