import ArgumentParser
import Datasets
import Training

/// The options of `assay train` that say which crops are shown, how often and in which company.
struct SampleArguments: ParsableArguments {
  @Flag(
    help: """
      Train on pairs: a real crop and a fake of the same source, in half of the cases augmented alike. With \
      --self-blending that fraction of the fakes is made of the pair's real crop.
      """)
  var pairs = false

  @Option(
    help: ArgumentHelp(
      "Weight of each data set among the pairs, such as dfdc=3,ffpp-crops=1 (default: by its sources).",
      valueName: "weights"))
  var mix: String?

  @Option(help: "Side of the crops as the network takes them, in pixels (default: as they are stored).")
  var input: Int?

  @Option(help: "Margin of the crops as the network takes them (default: as they are stored).")
  var inputMargin: Double?

  @Option(help: ArgumentHelp("Crops of an epoch (default: as many as the training part has).", valueName: "crops"))
  var epochCrops: Int?

  @Option(
    help: ArgumentHelp(
      "Shares of training, validation and test where a data set does not fix them.", valueName: "shares"))
  var splitShares = "60,20,20"

  /// Weights by data set; nil without pairs.
  var weights: [String: Double]? {
    get throws {
      guard pairs else { return nil }
      var weights: [String: Double] = [:]
      for part in (mix ?? "").split(separator: ",") {
        let words = part.split(separator: "=", maxSplits: 1)
        guard words.count == 2, let weight = Double(words[1]), weight >= 0, weight.isFinite else {
          throw ValidationError("--mix needs NAME=WEIGHT, by commas, not \(part).")
        }
        weights[String(words[0])] = weight
      }
      return weights
    }
  }

  var shares: Split.Shares {
    get throws {
      let numbers = splitShares.split(separator: ",").compactMap { Double($0) }
      guard numbers.count == 3, numbers.allSatisfy({ $0.isFinite && $0 >= 0 }), numbers[0] > 0, numbers[1] > 0 else {
        throw ValidationError("--split-shares needs three numbers such as 60,20,20, not \(splitShares).")
      }
      return Split.Shares(train: numbers[0], validation: numbers[1], test: numbers[2])
    }
  }

  func validate() throws {
    guard mix == nil || pairs else { throw ValidationError("--mix weighs pairs: say --pairs too.") }
    if let input { try require(input, in: 32...1024, "--input") }
    if let inputMargin { try require(inputMargin, in: 0...2, "--input-margin") }
    if let epochCrops { try require(epochCrops, in: 2...100_000_000, "--epoch-crops") }
    _ = try weights
    _ = try shares
  }

  func apply(to options: inout TrainOptions) throws {
    options.pairs = try weights
    options.epochCrops = epochCrops
    options.inputSize = input
    options.inputMargin = inputMargin
    options.splitShares = try shares
  }
}
