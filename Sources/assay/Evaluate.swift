import ArgumentParser
import Foundation
import Workflows

/// `assay evaluate`: what a model is worth on labelled crops.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model on a crop set, with counts and confidence intervals.")

  @Argument(help: "Crop set made by assay crops.")
  var crops: String

  @Option(help: "Model file; without it the built-in model is used.")
  var model: String?

  @Option(help: "Part of the split to measure on: train, validation, test or all.")
  var part: PartChoice = .test

  @Option(help: "Split file written by assay train; without it the split beside the model is read.")
  var split: String?

  @Option(help: "Crops in one pass through the network.")
  var batch = 32

  @Option(help: "Resamples of the bootstrap, by source identity.")
  var resamples = 2000

  @Flag(help: "Print everything as JSON.")
  var json = false

  @Flag(name: [.short, .long], help: "No progress on stderr.")
  var quiet = false

  @Option(help: ArgumentHelp("Take settings from pipelines/NAME.yaml or a YAML file.", valueName: "name"))
  var pipeline: String?

  func validate() throws {
    try require(batch, in: 1...1024, "--batch")
    try require(resamples, in: 100...1_000_000, "--resamples")
  }

  func run() throws {
    var options = EvaluateOptions(crops: crops)
    options.modelPath = model
    options.part = part.rawValue
    options.splitPath = split
    options.batch = batch
    options.resamples = resamples
    options.quiet = quiet || json
    let evaluation = try evaluateDetector(options)
    print(json ? try evaluation.json() : evaluation.table)
  }
}

enum PartChoice: String, ExpressibleByArgument, CaseIterable { case train, validation, test, all }
