import ArgumentParser
import Datasets
import Foundation
import Metrics
import Training

/// `assay evaluate`: performance of a model on labelled data.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model's performance on labelled data, with counts and confidence intervals.",
    discussion: """
      Per crop, and per video as scored by assay scan. Use the test part of a model only once, after all choices have \
      been made.

      Example: assay evaluate mine.safetensors crops --report measured
      """)

  @Argument(help: "Model file, or builtin.")
  var model: String

  @Argument(help: "Crop set made by assay crops; or labelled videos and pictures, with --part all.")
  var data: String

  @OptionGroup(title: "Most used")
  var daily: DailyEvaluateArguments

  @OptionGroup(title: "Calibration")
  var calibration: CalibrationArguments

  @Flag(help: "Store the metrics on the test part in the model's card.")
  var record = false

  @Option(help: "Batch size: crops per pass through the network.")
  var batch = 32

  @Option(help: "Bootstrap resamples, by source identity.")
  var resamples = 2000

  @Option(help: "Prevalence of fakes among incoming videos, to estimate the yield of a review budget.")
  var prevalence: Double?

  @Option(help: "Review capacity: videos reviewed out of every --per.")
  var reviews = 200

  @Option(help: "Number of incoming videos per --reviews reviewed ones.")
  var per = 100_000

  @OptionGroup
  var common: CommonArguments

  func validate() throws {
    guard daily.calibrate || calibration.assumedPrevalence == 0.5 else {
      throw ValidationError("--assumed-prevalence is for --calibrate, which fits the calibration.")
    }
    try require(batch, in: 1...1024, "--batch")
    try require(resamples, in: 100...1_000_000, "--resamples")
    if let prevalence { try require(prevalence, in: 0...1, "--prevalence") }
    try require("--prevalence", prevalence != nil, beside: ["--reviews", "--per"])
    try require(reviews, in: 1...Int(Int32.max), "--reviews")
    try require(per, in: 1...Int(Int32.max), "--per")
  }

  func run() throws {
    try requireModels([model])
    try requireInputs([data])
    var options = EvaluateOptions(data: data)
    options.modelPath = model
    options.calibrates = daily.calibrate
    options.assumedPrevalence = calibration.assumedPrevalence
    options.records = record
    options.part = daily.part
    options.splitPath = daily.split
    options.batch = batch
    options.resamples = resamples
    options.budget = prevalence.map { ReviewBudget(prevalence: $0, videos: per, reviews: reviews) }
    options.report = daily.report
    options.scores = daily.scores
    options.quiet = common.quiet || daily.json
    let evaluation = try evaluateDetector(options)
    print(daily.json ? try evaluation.json() : evaluation.table)
    if let report = daily.report, !daily.json { print("\nreport: \(report)/index.html") }
  }
}

/// The options of `assay evaluate` that most measurements need.
struct DailyEvaluateArguments: ParsableArguments {
  @Option(help: "Part of the split to measure on: train, validation, test or all.")
  var part: PartSelection = .test

  @Option(help: "Split file written by assay train, or a model; without it the split beside the model or in its card.")
  var split: String?

  @Flag(help: "Fit calibration and thresholds on the validation part first, and store them in the model file.")
  var calibrate = false

  @Option(help: "Write a page with plots and the worst errors to this folder.")
  var report: String?

  @Option(help: "Write the score of every crop to this CSV file.")
  var scores: String?

  @Flag(help: "Print everything as JSON.")
  var json = false
}
