import Attacks
import Datasets
import Foundation
import Metrics
import Models
import Reports
import Runs
import Scoring
import Verdicts

/// Effect of compression on scores and on attacks.
struct CodecFindings {
  let study: CodecStudy
  let records: [StudyRecord]

  /// Scores of whole videos in one arm, compared with the original.
  private struct Scores {
    var arm: CodecArm
    var videos: Int
    var faceFraction: Double
    /// Mean signed and mean absolute change of the score.
    var change: Estimate?
    var distance: Estimate?
    var auc: Estimate?
    var aucChange: Estimate?
    var flipped: Int
  }

  /// Strength of the attack after re-encoding in one arm.
  private struct Remains {
    var arm: CodecArm
    var clips: Int
    /// Shift of the logit towards the wrong class.
    var move: Estimate?
    /// As a fraction of the shift before re-encoding.
    var survival: Estimate?
    /// Among videos whose re-encoded clean clip is classified correctly: misclassified ones, and all.
    var flipped: Int
    var right: Int
  }

  private func record(_ step: String, _ arm: CodecArm) -> StudyRecord? {
    records.first { $0.cell[.step] == step && $0.cell[.arm] == arm.name }
  }

  func make() throws -> StudyFindings {
    let scores = try scores()
    let remains = try remains()
    var findings = StudyFindings(answer: answer(scores, remains), method: method, limits: limits)
    for score in scores {
      for (name, estimate) in [
        ("AUC", score.auc), ("AUC above original", score.aucChange), ("mean change of score", score.change),
        ("mean distance of score", score.distance),
      ] {
        if let estimate {
          findings.figures.append(
            StudyFigure(score.arm.name, name, estimate, count: score.videos, unit: "videos"))
        }
      }
    }
    for remain in remains {
      for (name, estimate) in [
        ("logit shift by the attack", remain.move), ("surviving fraction", remain.survival),
      ] {
        if let estimate {
          findings.figures.append(StudyFigure(remain.arm.name, name, estimate, count: remain.clips, unit: "clips"))
        }
      }
    }
    findings.tables = [table(scores), table(remains)]
    findings.plots = [("scores", plot(scores)), ("survival", plot(remains))]
    return findings
  }

  // MARK: - Scores

  /// Restricted to videos that have a score in every arm.
  private func scores() throws -> [Scores] {
    let found = study.arms.compactMap { arm in record("scan", arm).map { (arm: arm, record: $0) } }
    let byVideo = try found.map { entry in
      Dictionary(zip(try entry.record.column(.video).map { Int($0) }, try entry.record.column(.score))) { $1 }
    }
    let indices = study.videos.items.indices.filter { position in byVideo.allSatisfy { $0[position] != nil } }
    let items = study.videos.items
    let isFake = indices.map { items[$0].label == .fake }
    let draws = PairedDraws(sources: indices.map { items[$0].group })
    let columns = byVideo.map { scores in indices.map { scores[$0] ?? 0 } }
    guard let original = columns.first else { return [] }
    let (aucs, differences) = draws.aucs(columns, isFake: isFake)
    let thresholds = study.model.detector.thresholds
    func verdict(_ score: Double) -> Int { score >= thresholds.fake ? 2 : score < thresholds.real ? 0 : 1 }
    return found.indices.map { index in
      let changes = zip(columns[index], original).map { $0 - $1 }
      let values = found[index].record.values
      return Scores(
        arm: found[index].arm, videos: indices.count,
        faceFraction: (values["frames_with_faces"] ?? 0) / max(values["frames"] ?? 1, 1),
        change: index == 0 ? nil : draws.mean(changes), distance: index == 0 ? nil : draws.mean(changes.map(abs)),
        auc: aucs[index], aucChange: index == 0 ? nil : differences[index],
        flipped: zip(columns[index], original).count { verdict($0) != verdict($1) })
    }
  }

  private func table(_ scores: [Scores]) -> StudyFindings.Table {
    .init(
      title: "Scores of whole videos",
      note:
        "\(scores.first?.videos ?? 0) videos that have a score in every arm; changes are relative to the original, paired by "
        + "video. 95 % bootstraps over sources. A verdict is fake, real or undecided.",
      heading: ["ARM", "FACES FOUND", "CHANGE OF SCORE", "DISTANCE", "VERDICTS CHANGED", "AUC", "AUC ABOVE ORIGINAL"],
      rows: scores.map { score in
        [
          score.arm.name, String(format: "%.0f %%", 100 * score.faceFraction), score.change?.text() ?? "-",
          score.distance?.text() ?? "-", "\(score.flipped)", score.auc?.text() ?? "-", score.aucChange?.text() ?? "-",
        ]
      })
  }

  // MARK: - Attacks

  private func remains() throws -> [Remains] {
    let found = study.arms.compactMap { arm in record("clip", arm).map { (arm: arm, record: $0) } }
    guard let first = found.first?.record else { return [] }
    let items = study.videos.items
    let indices = try first.column(.video).map { Int($0) }
    let sign = indices.map { items[$0].label == .fake ? 1.0 : -1.0 }
    let boundary = Double(AttackModel(study.model).boundary)
    let draws = PairedDraws(sources: indices.map { items[$0].group })
    func moves(_ record: StudyRecord) throws -> [Double] {
      zip(zip(try record.column(.clean), try record.column(.attacked)), sign).map { $1 * ($0.0 - $0.1) }
    }
    let before = try moves(first)
    return try found.map { arm, record in
      let own = try moves(record)
      let survival = draws.estimates { drawn in
        // Ratio of sums, because clips with a small shift would dominate a mean of ratios.
        let whole = drawn.reduce(0) { $0 + before[$1] }
        return [whole > 0 ? drawn.reduce(0) { $0 + own[$1] } / whole : nil]
      }[0]
      func margins(_ column: StudyColumn) throws -> [Double] {
        zip(try record.column(column), sign).map { $1 * ($0 - boundary) }
      }
      let (clean, attacked) = (try margins(.clean), try margins(.attacked))
      let right = clean.indices.filter { clean[$0] > 0 }
      return Remains(
        arm: arm, clips: indices.count, move: draws.mean(own), survival: arm == .original ? nil : survival,
        flipped: right.count { attacked[$0] <= 0 }, right: right.count)
    }
  }

  private func table(_ remains: [Remains]) -> StudyFindings.Table {
    .init(
      title: "Survival of the attack",
      note:
        "\(study.attack.id) at ℓ∞ \(String(format: "%g", study.epsilon * 255))/255 on clips of one face, before encoding. "
        + "The shift is that of the mean logit towards the wrong class, relative to the clean clip in the same encoding. Flipped: clips "
        + "that are misclassified, of those that are correct when clean in the same encoding.",
      heading: ["ARM", "CLIPS", "LOGIT SHIFT", "SURVIVES", "INITIALLY CORRECT", "FLIPPED"],
      rows: remains.map { remain in
        [
          remain.arm.name, "\(remain.clips)", remain.move?.text(2) ?? "-", remain.survival?.text(2) ?? "-",
          "\(remain.right)", "\(remain.flipped)",
        ]
      })
  }

  // MARK: - Plots

  private func plot(_ scores: [Scores]) -> Plot {
    let coded = scores.dropFirst()
    return bars(
      "AUC above original", coded.map { ($0.arm.name, $0.aucChange ?? Estimate(0)) }, label: "AUC above original")
  }

  private func plot(_ remains: [Remains]) -> Plot {
    bars(
      "Surviving fraction of the attack", remains.dropFirst().map { ($0.arm.name, $0.survival ?? Estimate(0)) },
      label: "fraction")
  }

  /// Plots one point with its interval per arm; the legend names the arms.
  private func bars(_ title: String, _ values: [(name: String, estimate: Estimate)], label: String) -> Plot {
    let ends = values.flatMap { [$0.estimate.lower ?? $0.estimate.value, $0.estimate.upper ?? $0.estimate.value] }
    var plot = Plot(
      title: title, xLabel: "arm, in the order of the table", yLabel: label,
      x: AxisScale(0...Double(max(values.count, 1) + 1)), y: AxisScale(covering: [0] + ends))
    plot.series = values.enumerated().map { index, value in
      let estimate = value.estimate
      return Plot.Series(
        value.name, [(x: Double(index + 1), y: estimate.value)], shape: .points,
        intervals: [(estimate.lower ?? estimate.value, estimate.upper ?? estimate.value)])
    }
    plot.reference = [(0, 0), (Double(max(values.count, 1) + 1), 0)]
    return plot
  }

  // MARK: - Words

  private func answer(_ scores: [Scores], _ remains: [Remains]) -> String {
    var text = ""
    let coded = scores.dropFirst()
    let original = scores.first?.auc.map { " of \($0.text())" } ?? ""
    let lost = coded.filter { $0.aucChange.map { $0.isSignificant && $0.value < 0 } ?? false }
    if let farthest = coded.max(by: { ($0.distance?.value ?? 0) < ($1.distance?.value ?? 0) }),
      let distance = farthest.distance
    {
      text +=
        "On \(farthest.videos) videos \(farthest.arm.name) changes scores most, by \(distance.text()) on average, and flips "
        + "\(counted(farthest.flipped, "verdicts")). "
    }
    text +=
      lost.isEmpty
      ? "No encoding lowers the AUC\(original) significantly. "
      : "The AUC\(original) drops significantly by "
        + lost.map { "\($0.arm.name) (\($0.aucChange?.text() ?? ""))" }
        .joined(separator: ", ") + ". "
    let left = remains.dropFirst().filter { $0.survival != nil }
    guard let most = left.max(by: { ($0.survival?.value ?? 0) < ($1.survival?.value ?? 0) }),
      let least = left.min(by: { ($0.survival?.value ?? 0) < ($1.survival?.value ?? 0) })
    else { return text + "No attack was measured: no attacked video had the right verdict before." }
    return text
      + "Of the attack's logit shift, \(most.survival?.text(2) ?? "") survives \(most.arm.name) and \(least.survival?.text(2) ?? "") "
      + "survives \(least.arm.name)."
  }

  private var method: [String] {
    let settings = study.request.settings.values.mapValues { $0.joined(separator: ", ") }
    func setting(_ name: String) -> String { settings[name] ?? "" }
    return [
      "\(study.videos.items.count) labelled videos, \(setting("frames")) frames each, scored by \(study.model.detector.name). For each "
        + "arm the surroundings of every sampled frame (8 frames before it, 3 behind it) are re-encoded with libx264 or libx265, "
        + "preset veryfast, at the CRF in its name, then decoded and scanned like any video, including face detection.",
      "For the attack, up to \(setting("clip")) neighbouring frames of the most frequent face are cropped to the network's size and "
        + "perturbed against the video's true class with 8-bit values; the clean and the perturbed clip are encoded alike.",
    ]
  }

  private var limits: [String] {
    var limits = [
      "The videos were already compressed: the effect of an arm on camera footage may differ.",
      "Clips of crops are encoded without the surrounding frame, at the crops' resolution; the attack does not model the codec.",
    ]
    if !study.skipped.isEmpty {
      limits.append(
        "Skipped, because this FFmpeg lacks the encoder: " + study.skipped.map(\.name).joined(separator: ", ") + ".")
    }
    if !study.videos.isTestPart { limits.append(StudyVideos.inSampleLimit) }
    return limits
  }
}
