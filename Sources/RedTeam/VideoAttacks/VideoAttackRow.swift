package import Files
import Foundation
package import Verdicts

/// Result for one video: original, perturbed pixels, and the rescan of the output file.
package struct VideoAttackRow: Sendable, Codable {
  /// Score and verdict at one stage of the attack.
  package struct Standing: Sendable, Codable {
    /// P(fake); nil without a face.
    package var score: Double?
    package var verdict: Verdict
  }

  package var path: String
  /// The output file; nil if there was nothing to attack or the video cannot be used.
  package var output: String?
  package var attack: String
  package var norm: String
  /// Maximum change of a frame's pixels, on the [0, 1] scale, in the attack's norm.
  package var epsilon: Double
  package var robustToCodec: Bool
  package var crf: Int
  package var clean: Standing?
  /// The perturbed faces before the codec.
  package var perturbed: Standing?
  /// The output file, scanned from disk.
  package var coded: Standing?
  /// Change of the score's log-odds in the file, as a fraction of the change before the codec.
  package var survival: Double?
  /// Frames of the file, and number of perturbed ones.
  package var frames = 0
  package var perturbedFrames = 0
  /// Luma PSNR in dB over all frames against the original: perturbed, and perturbed and encoded.
  package var perturbedPSNR: Double?
  package var codedPSNR: Double?
  /// Face detection in the sampled frames before and after.
  package var cleanDetection: DetectionRecord?
  package var codedDetection: DetectionRecord?
  package var copiedStreams = 0
  /// Problems and notices.
  package var warnings: [String] = []
  /// Why there is no output file; nil if there is one.
  package var failure: String?

  /// Whether the verdict on the file differs from that on the original.
  package var isTurned: Bool? {
    guard let clean, let coded else { return nil }
    return clean.verdict != coded.verdict
  }

  mutating func setSurvival() {
    guard let start = clean?.score, let middle = perturbed?.score, let end = coded?.score else { return }
    // Scores are recorded with 6 decimals.
    func logOdds(_ score: Double) -> Double {
      let inside = min(max(score, 1e-6), 1 - 1e-6)
      return log(inside / (1 - inside))
    }
    let whole = logOdds(middle) - logOdds(start)
    survival = abs(whole) > 1e-9 ? (logOdds(end) - logOdds(start)) / whole : nil
  }

  package static let heading = [
    "VIDEO", "CLEAN", "PERTURBED", "CODED", "SURVIVES", "FRAMES", "PSNR", "CODED PSNR", "FACES", "GAPS", "NOTE",
  ]

  package var cells: [String] {
    func standing(_ value: Standing?) -> String {
      guard let value else { return "-" }
      return (value.score.map { String(format: "%.3f ", $0) } ?? "") + value.verdict.rawValue
    }
    func decibels(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }
    func change(_ value: (DetectionRecord) -> String) -> String {
      "\(cleanDetection.map(value) ?? "-") → \(codedDetection.map(value) ?? "-")"
    }
    return [
      path.split(separator: "/").last.map { Terminal.harmless(String($0)) } ?? "", standing(clean), standing(perturbed),
      standing(coded), survival.map { String(format: "%.0f %%", $0 * 100) } ?? "-", "\(perturbedFrames)/\(frames)",
      decibels(perturbedPSNR), decibels(codedPSNR), change { "\($0.withFaces)/\($0.frames)" }, change { "\($0.gaps)" },
      Terminal.harmless(([failure].compactMap(\.self) + warnings).joined(separator: "; ")),
    ]
  }

  static let csvHeading = [
    "path", "output", "attack", "norm", "epsilon", "robust_to_codec", "crf", "clean_score", "clean_verdict",
    "perturbed_score", "perturbed_verdict", "coded_score", "coded_verdict", "survival", "frames", "perturbed_frames",
    "perturbed_psnr", "coded_psnr", "clean_frames_with_faces", "coded_frames_with_faces", "clean_gaps", "coded_gaps",
    "warnings", "failure",
  ]

  package var csv: CSVRow {
    var row = CSVRow()
    row.add(untrusted: path)
    row.add(untrusted: output ?? "")
    row.add(exact: attack)
    row.add(exact: norm)
    row.add(epsilon)
    row.add(exact: "\(robustToCodec)")
    row.add(crf)
    for standing in [clean, perturbed, coded] {
      row.add(standing?.score)
      row.add(exact: standing?.verdict.rawValue ?? "")
    }
    row.add(survival)
    row.add(frames)
    row.add(perturbedFrames)
    row.add(perturbedPSNR)
    row.add(codedPSNR)
    for count in [
      cleanDetection?.withFaces, codedDetection?.withFaces, cleanDetection?.gaps, codedDetection?.gaps,
    ] {
      row.add(count)
    }
    row.add(untrusted: warnings.joined(separator: "; "))
    row.add(untrusted: failure ?? "")
    return row
  }
}
