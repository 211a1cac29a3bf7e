import Compute
import Datasets
import Foundation
public import Metrics
import Models

/// What a model is worth on labelled crops: figures with their counts and 95 % confidence intervals.
public struct Evaluation: Sendable, Codable {
  /// One figure; the interval is a bootstrap over sources.
  public struct Figure: Sendable, Codable {
    public var name: String
    public var value: Double
    public var lower: Double?
    public var upper: Double?
  }

  /// AUC of one manipulation against all real crops.
  public struct Method: Sendable, Codable {
    public var name: String
    public var crops: Int
    public var auc: Double?
    public var recall: Double?
  }

  public let model: String
  public let modelSHA256: String
  public let part: String
  public let crops: Int
  public let fakes: Int
  public let sources: Int
  /// Share of fakes, which is also the precision of always saying "fake".
  public let prevalence: Double
  /// A crop counts as fake from this score on: the middle of the model's undecided range begins here.
  public let threshold: Double
  public let confusion: ConfusionMatrix
  public let figures: [Figure]
  public let methods: [Method]

  /// - Parameters:
  ///   - scores: calibrated P(fake) of each crop.
  ///   - items: what each crop is.
  init(
    model: String, modelSHA256: String, part: String, scores: [Double], items: [LabelledItem],
    thresholds: DetectorModel.Thresholds, resamples: Int
  ) {
    self.model = model
    self.modelSHA256 = modelSHA256
    self.part = part
    let data = ScoredLabels(scores: scores, labels: items.map { $0.label == .fake })
    let threshold = thresholds.real
    let groups = items.map(\.group)
    crops = data.count
    fakes = data.positives
    sources = Set(groups).count
    prevalence = data.prevalence ?? 0
    self.threshold = threshold
    confusion = ConfusionMatrix(data, threshold: threshold)
    let measures = Self.measures(threshold: threshold)
    // A fixed seed: the same scores give the same intervals.
    var generator = SeededGenerator(seed: 1)
    let intervals = Bootstrap(groups: groups, resamples: resamples).intervals(using: &generator) { drawn in
      let draw = data.selecting(drawn)
      return measures.map { $0.value(draw) }
    }
    figures = zip(measures, intervals).compactMap { measure, interval in
      measure.value(data).map {
        Figure(name: measure.name, value: $0, lower: interval?.lower, upper: interval?.upper)
      }
    }
    methods = Self.methods(scores: scores, items: items, threshold: threshold)
  }

  private typealias Measure = (name: String, value: (ScoredLabels) -> Double?)

  private static func measures(threshold: Double) -> [Measure] {
    [
      ("precision", { ConfusionMatrix($0, threshold: threshold).precision }),
      ("recall", { ConfusionMatrix($0, threshold: threshold).recall }),
      ("F1", { ConfusionMatrix($0, threshold: threshold).f1 }),
      ("accuracy", { ConfusionMatrix($0, threshold: threshold).accuracy }),
      ("balanced accuracy", { ConfusionMatrix($0, threshold: threshold).balancedAccuracy }),
      ("AUC", { ThresholdCurve($0).auc }),
      ("average precision", { ThresholdCurve($0).averagePrecision }),
      ("equal error rate", { ThresholdCurve($0).equalErrorRate }),
      ("log loss", { $0.logLoss() }),
      ("Brier score", { $0.brierScore }),
      ("calibration error", { Reliability($0).expectedCalibrationError }),
    ]
  }

  private static func methods(scores: [Double], items: [LabelledItem], threshold: Double) -> [Method] {
    let names = Set(items.filter { $0.label == .fake }.map(\.method)).sorted()
    return names.map { name in
      let chosen = items.indices.filter { items[$0].label == .real || items[$0].method == name }
      let data = ScoredLabels(scores: chosen.map { scores[$0] }, labels: chosen.map { items[$0].label == .fake })
      return Method(
        name: name, crops: data.positives, auc: ThresholdCurve(data).auc,
        recall: ConfusionMatrix(data, threshold: threshold).recall)
    }
  }

  /// Everything as text for people.
  public var table: String {
    func number(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "" }
    let rows = figures.map { figure in
      let interval = figure.lower.map { "\(number($0)) – \(number(figure.upper))" } ?? ""
      return [figure.name, number(figure.value), interval]
    }
    let perMethod = methods.map { [$0.name, "\($0.crops)", number($0.auc), number($0.recall)] }
    return """
      model \(model), \(part) part: \(crops) crops, \(fakes) fake, \(sources) sources
      prevalence \(number(prevalence)) (the precision of always saying "fake"); fake from score \(number(threshold)) on

      \(alignedTable(heading: ["FIGURE", "VALUE", "95 % INTERVAL"], rows: rows))
      flagged: \(confusion.truePositives) fake, \(confusion.falsePositives) real; \
      not flagged: \(confusion.falseNegatives) fake, \(confusion.trueNegatives) real

      \(alignedTable(heading: ["MANIPULATION", "CROPS", "AUC", "RECALL"], rows: perMethod))
      """
  }

  /// Everything as JSON for programs.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
