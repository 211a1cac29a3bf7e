import Datasets
import Foundation
import Metrics
import Models
import Reports
import Runs
import Scoring
import Verdicts

/// Accuracy and cost by number of frames per video, and accuracy by aggregation.
struct SamplingFindings {
  private struct Arm {
    var frames: Int
    var aggregation: FrameAggregation
    var auc: Estimate?
    /// Difference from the first aggregation at the same number of frames, and from the same aggregation at the most
    /// frames.
    var aboveFirst: Estimate?
    var aboveMost: Estimate?
  }

  let study: SamplingStudy
  let records: [StudyRecord]

  func make() throws -> StudyFindings {
    let items = study.videos.items
    var scores: [[[Int: Double]]] = []
    for record in records { scores.append(try study.aggregations.map { try study.scores(record, $0) }) }
    let coverage = scores.map { $0[0].count }
    // With too few frames most videos have no face: such arms are reported but not compared.
    let compared = coverage.indices.filter { 2 * coverage[$0] >= items.count }
    // Only videos with a face in every arm, so that all arms are compared on the same videos.
    let indices = items.indices.filter { position in
      compared.allSatisfy { scores[$0].allSatisfy { $0[position] != nil } }
    }
    let isFake = indices.map { items[$0].label == .fake }
    let draws = PairedDraws(sources: indices.map { items[$0].group })
    let columns = scores.indices.map { row -> [[Double]]? in
      compared.contains(row) ? scores[row].map { found in indices.map { found[$0] ?? 0 } } : nil
    }
    let arms = arms(columns, isFake, draws)
    var findings = StudyFindings(
      answer: answer(arms, coverage, count: indices.count, sources: draws.sourceCount),
      method: method(indices.count), limits: limits(left: items.count - indices.count))
    for arm in arms {
      if let auc = arm.auc {
        findings.figures.append(
          StudyFigure(
            "\(arm.frames) frames, \(arm.aggregation.rawValue)", "AUC", auc, count: indices.count, unit: "videos"))
      }
    }
    for record in records {
      if let cost = record.values["cpu_seconds_per_video"] {
        findings.figures.append(
          StudyFigure(
            "\(record.cell[.frames]) frames", "CPU seconds per video", Estimate(cost), count: items.count,
            unit: "videos"))
      }
    }
    findings.tables = [table(arms, coverage), differences(arms)]
    findings.plots = [("auc-frames", plot(arms)), ("auc-cost", costPlot(arms))]
    return findings
  }

  private func cost(_ frames: Int) -> Double? {
    records.first { $0.cell[.frames] == "\(frames)" }?.values["cpu_seconds_per_video"]
  }

  /// - Parameter columns: scores of the videos by frame count and aggregation; nil for arms that are not compared.
  private func arms(_ columns: [[[Double]]?], _ isFake: [Bool], _ draws: PairedDraws) -> [Arm] {
    let data = columns.map { $0.map { $0.map { ScoredLabels(scores: $0, labels: isFake) } } }
    let ways = study.aggregations.indices
    let found = draws.estimates { drawn in
      let values = data.map { row -> [Double?] in
        row.map { $0.map { ThresholdCurve($0.selecting(drawn)).auc } } ?? ways.map { _ in nil }
      }
      return values.flatMap { row in
        ways.flatMap { way -> [Double?] in
          guard let own = row[way], let first = row[0], let most = values[values.count - 1][way] else {
            return [nil, nil, nil]
          }
          return [own, own - first, own - most]
        }
      }
    }
    return study.frames.indices.flatMap { row in
      ways.map { way in
        let start = 3 * (row * study.aggregations.count + way)
        return Arm(
          frames: study.frames[row], aggregation: study.aggregations[way], auc: found[start],
          aboveFirst: found[start + 1], aboveMost: found[start + 2])
      }
    }
  }

  private func table(_ arms: [Arm], _ coverage: [Int]) -> StudyFindings.Table {
    .init(
      title: "AUC by video",
      note: "With 95 % bootstraps over sources. CPU time is that of decoding, face detection and network together.",
      heading: ["FRAMES", "WITH A FACE"] + study.aggregations.map { $0.rawValue.uppercased() } + ["CPU S PER VIDEO"],
      rows: zip(study.frames, coverage).map { frames, covered in
        ["\(frames)", "\(covered)"] + arms.filter { $0.frames == frames }.map { $0.auc?.text() ?? "-" }
          + [cost(frames).map { Estimate.number($0, 2) } ?? "-"]
      })
  }

  private func differences(_ arms: [Arm]) -> StudyFindings.Table {
    let first = study.aggregations[0].rawValue
    let most = study.frames[study.frames.count - 1]
    return .init(
      title: "Differences of AUC, paired by video",
      note: "Against \(most) frames with the same aggregation, and against \(first) with as many frames.",
      heading: ["FRAMES", "AGGREGATION", "AGAINST \(most) FRAMES", "AGAINST \(first.uppercased())"],
      rows: arms.map { arm in
        [
          "\(arm.frames)", arm.aggregation.rawValue, arm.frames == most ? "-" : arm.aboveMost?.text() ?? "-",
          arm.aggregation == study.aggregations[0] ? "-" : arm.aboveFirst?.text() ?? "-",
        ]
      })
  }

  private func plot(_ arms: [Arm]) -> Plot {
    let known = arms.compactMap(\.auc)
    var plot = Plot(
      title: "AUC by video over frames", xLabel: "frames per video", yLabel: "AUC",
      x: AxisScale(covering: study.frames.map(Double.init), .logarithmic),
      y: AxisScale(covering: known.flatMap { [$0.lower ?? $0.value, $0.upper ?? $0.value] }))
    plot.series = study.aggregations.enumerated().map { index, aggregation in
      let own = arms.filter { $0.aggregation == aggregation && $0.auc != nil }
      return Plot.Series(
        aggregation.rawValue, own.map { (x: Double($0.frames), y: $0.auc?.value ?? 0) }, shape: .linesAndPoints,
        // Intervals of the first arm only, because overlapping intervals would be unreadable.
        intervals: index > 0
          ? [] : own.map { ($0.auc?.lower ?? $0.auc?.value ?? 0, $0.auc?.upper ?? $0.auc?.value ?? 0) })
    }
    return plot
  }

  private func costPlot(_ arms: [Arm]) -> Plot {
    let own = arms.filter { $0.aggregation == study.aggregations[0] && $0.auc != nil }
    let costs = own.map { cost($0.frames) ?? 0 }
    var plot = Plot(
      title: "AUC by video over cost", xLabel: "CPU seconds per video", yLabel: "AUC",
      x: AxisScale(covering: [0] + costs),
      y: AxisScale(covering: own.compactMap(\.auc).flatMap { [$0.lower ?? $0.value, $0.upper ?? $0.value] }))
    plot.series = [
      Plot.Series(
        study.aggregations[0].rawValue, zip(costs, own).map { (x: $0, y: $1.auc?.value ?? 0) }, shape: .linesAndPoints,
        intervals: own.map { ($0.auc?.lower ?? $0.auc?.value ?? 0, $0.auc?.upper ?? $0.auc?.value ?? 0) })
    ]
    return plot
  }

  private func answer(_ arms: [Arm], _ coverage: [Int], count: Int, sources: Int) -> String {
    let first = study.aggregations[0]
    let own = arms.filter { $0.aggregation == first }
    guard let most = own.last, let top = most.auc else { return "No AUC could be measured: too few videos have faces." }
    var text =
      "On the \(counted(count, "videos")) that have a face at every number of frames (\(counted(sources, "sources"))), "
      + "\(most.frames) frames give an AUC of \(top.text()). "
    for (frames, covered) in zip(study.frames, coverage) where 2 * covered < study.videos.items.count {
      text +=
        "\(frames) frame\(frames == 1 ? " finds" : "s find") a face in \(covered) of \(study.videos.items.count) videos only. "
    }
    // The smallest number of frames from which on no loss is significant.
    let enough = own.dropLast().reversed().prefix { $0.aboveMost.map { !($0.isSignificant && $0.value < 0) } ?? false }
      .last
    if let enough, let difference = enough.aboveMost, let cheap = cost(enough.frames), let dear = cost(most.frames) {
      text +=
        "From \(enough.frames) frame\(enough.frames == 1 ? "" : "s") on, no loss is significant (\(difference.text()) against "
        + "\(most.frames)), at " + String(format: "%.0f %% of the CPU time. ", 100 * cheap / max(dear, 1e-9))
    } else {
      text += "Fewer frames lose AUC significantly. "
    }
    let there = arms.filter { $0.frames == most.frames && $0.aggregation != first }
    guard let best = there.max(by: { ($0.auc?.value ?? 0) < ($1.auc?.value ?? 0) }), let above = best.aboveFirst else {
      return text
    }
    let worse = there.filter { $0.aboveFirst.map { $0.isSignificant && $0.value < 0 } ?? false }
      .map { "\($0.aggregation.rawValue) (\($0.aboveFirst?.text() ?? ""))" }
    text +=
      above.value <= 0
      ? "No aggregation has a higher AUC than \(first.rawValue) at \(most.frames) frames"
      : "At \(most.frames) frames \(best.aggregation.rawValue) is ahead of \(first.rawValue) by \(above.text()), "
        + (above.isSignificant ? "a significant difference" : "which is not a significant difference")
    return text + (worse.isEmpty ? "." : "; significantly worse: \(worse.joined(separator: ", ")).")
  }

  private func method(_ count: Int) -> [String] {
    [
      "\(study.videos.items.count) labelled videos, scanned by the model \(study.model.detector.name) with each number of "
        + "frames, evenly spread, as assay scan does; results refer to the \(count) that have a face in every arm.",
      "Each aggregation combines frame scores to a track score; the video's score is that of its most suspicious track. All arms use the same "
        + "videos, so differences are paired.",
    ]
  }

  private func limits(left: Int) -> [String] {
    var limits = [
      "CPU time refers to this machine and these videos: it increases with their resolution and key frame distance.",
      "Mean and maximum respond differently to several people in one video; most videos here show one.",
    ]
    if left > 0 {
      limits.append("\(left) videos without a face in some arm, or that could not be decoded, are excluded.")
    }
    if !study.videos.isTestPart { limits.append(StudyVideos.inSampleLimit) }
    return limits
  }
}
