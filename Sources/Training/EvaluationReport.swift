import Datasets
import Decoder
import Files
import Foundation
import Imaging
import Media
import Metrics
import Reports
import Runs
import Verdicts

/// HTML page and plots of an evaluation.
struct EvaluationReport {
  private static let worstMistakes = 20
  private static let histogramBins = 20

  private let evaluation: Evaluation
  /// Description of the data.
  private let data: String
  private let scored: ScoredCrops

  init(_ evaluation: Evaluation, _ scored: ScoredCrops, of data: String) {
    self.data = data
    self.evaluation = evaluation
    self.scored = scored
  }

  /// Writes the self-contained `index.html` and each plot as a separate file.
  ///
  /// - Throws: `WorkflowError.output` when the folder cannot be written.
  func write(to folder: String) throws {
    var page = HTMLPage(
      title: "What the model \(evaluation.model) is worth",
      summary:
        "Measured on \(evaluation.part == .all ? "all" : "the \(evaluation.part) part") of \(data). Model SHA-256 \(evaluation.modelSHA256)."
    )
    let cropPlots = plots(scored.crops())
    page.sections.append(section("By crop", evaluation.crops, cropPlots))
    var files = cropPlots.map { ("crops-\($0.name).svg", $0.plot.svg()) }
    if let videos = evaluation.videos {
      let videoPlots = plots(try scored.videos())
      page.sections.append(section("By video", videos, videoPlots))
      files += videoPlots.map { ("videos-\($0.name).svg", $0.plot.svg()) }
    }
    page.sections.append(try mistakes())
    files.append(("index.html", try page.html()))
    try makeOutputFolder(folder)
    for (name, text) in files { try writeOutput(text, to: "\(folder)/\(name)") }
  }

  private func section(
    _ heading: String, _ measurement: DetectorPerformance, _ plots: [(name: String, plot: Plot)]
  ) -> HTMLPage.Section {
    var section = HTMLPage.Section(heading)
    section.paragraphs = [measurement.heading + ". Intervals are 95 % bootstraps over sources."]
    section.tables = measurement.tables.map { HTMLPage.Table(heading: $0.heading, rows: $0.rows) }
    section.plots = plots.map { $0.plot.svg() }
    return section
  }

  private func plots(_ items: [DetectorPerformance.Item]) -> [(name: String, plot: Plot)] {
    let data = ScoredLabels(items)
    let curve = ThresholdCurve(data)
    let thresholds = scored.judge.thresholds
    let reliability = Reliability(data)
    let sources = Set(items.map(\.source)).count
    let bins = reliability.bins.compactMap {
      bin -> (score: Double, fraction: Double, lower: Double?, upper: Double?)? in
      guard let score = bin.meanScore else { return nil }
      let interval = Interval.wilson(successes: bin.fakes, trials: bin.count, sources: sources)
      return (score, Double(bin.fakes) / Double(bin.count), interval?.lower, interval?.upper)
    }
    let precisionRecall = curve.points.compactMap { point -> (x: Double, y: Double)? in
      guard let precision = curve.matrix(at: point).precision, let recall = curve.recall(at: point) else { return nil }
      return (recall, precision)
    }
    return [
      ("roc", DetectorPlots.roc(curve.rocCorners.map { ($0.falsePositiveRate, $0.recall) }, auc: curve.auc)),
      (
        "precision-recall",
        DetectorPlots.precisionRecall(
          precisionRecall, averagePrecision: curve.averagePrecision, prevalence: data.prevalence ?? 0)
      ),
      ("calibration", DetectorPlots.reliability(bins, error: reliability.expectedCalibrationError)),
      (
        "scores",
        DetectorPlots.scores(
          real: histogram(items.filter { !$0.isFake }), fake: histogram(items.filter(\.isFake)),
          thresholds: (thresholds.real, thresholds.fake))
      ),
    ]
  }

  private func histogram(_ items: [DetectorPerformance.Item]) -> [Int] {
    var counts = [Int](repeating: 0, count: Self.histogramBins)
    for item in items { counts[min(Int(item.score * Double(Self.histogramBins)), Self.histogramBins - 1)] += 1 }
    return counts
  }

  /// The crops with the largest score errors, worst first.
  private func mistakes() throws -> HTMLPage.Section {
    let items = scored.crops()
    func error(_ index: Int) -> Double { items[index].isFake ? 1 - items[index].score : items[index].score }
    let worst = items.indices.sorted { (-error($0), $0) < (-error($1), $1) }.prefix(Self.worstMistakes)
    var section = HTMLPage.Section("The \(worst.count) worst mistakes")
    section.pictures = try worst.map { index in
      let record = scored.set.records[scored.indices[index]]
      let truth = items[index].isFake ? "fake (\(items[index].method))" : "real"
      let score = String(format: "%.3f", items[index].score)
      let time = record.item.kind == .video ? String(format: "\n%.1f s", record.seconds) : ""
      let name = URL(filePath: record.item.path).lastPathComponent
      return HTMLPage.Picture(
        png: try encodePNG(scored.set.frame(at: scored.indices[index])),
        caption: "score \(score), in truth \(truth)\n\(name)\(time)")
    }
    return section
  }
}
