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

  package static let table = Table<VideoAttackRow>([
    .text("VIDEO") { $0.path.split(separator: "/").last.map { Terminal.harmless(String($0)) } ?? "" },
    .text("CLEAN") { text($0.clean) },
    .text("PERTURBED") { text($0.perturbed) },
    .text("CODED") { text($0.coded) },
    .text("SURVIVES") { $0.survival.map { String(format: "%.0f %%", $0 * 100) } ?? "-" },
    .text("FRAMES") { "\($0.perturbedFrames)/\($0.frames)" },
    .text("PSNR") { decibels($0.perturbedPSNR) },
    .text("CODED PSNR") { decibels($0.codedPSNR) },
    .text("FACES") { change($0) { "\($0.withFaces)/\($0.frames)" } },
    .text("GAPS") { change($0) { "\($0.gaps)" } },
    .text("NOTE") { Terminal.harmless(([$0.failure].compactMap(\.self) + $0.warnings).joined(separator: "; ")) },
  ])

  private static func text(_ standing: Standing?) -> String {
    guard let standing else { return "-" }
    return (standing.score.map { String(format: "%.3f ", $0) } ?? "") + standing.verdict.rawValue
  }

  private static func decibels(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }

  private static func change(_ row: VideoAttackRow, _ value: (DetectionRecord) -> String) -> String {
    "\(row.cleanDetection.map(value) ?? "-") → \(row.codedDetection.map(value) ?? "-")"
  }

  /// `attacked.csv`.
  static let csvTable = Table<VideoAttackRow>([
    .untrusted("path") { $0.path },
    .untrusted("output") { $0.output ?? "" },
    .text("attack") { $0.attack },
    .text("norm") { $0.norm },
    .number("epsilon") { $0.epsilon },
    .text("robust_to_codec") { "\($0.robustToCodec)" },
    .count("crf") { $0.crf },
    .number("clean_score") { $0.clean?.score },
    .text("clean_verdict") { $0.clean?.verdict.rawValue ?? "" },
    .number("perturbed_score") { $0.perturbed?.score },
    .text("perturbed_verdict") { $0.perturbed?.verdict.rawValue ?? "" },
    .number("coded_score") { $0.coded?.score },
    .text("coded_verdict") { $0.coded?.verdict.rawValue ?? "" },
    .number("survival") { $0.survival },
    .count("frames") { $0.frames },
    .count("perturbed_frames") { $0.perturbedFrames },
    .number("perturbed_psnr") { $0.perturbedPSNR },
    .number("coded_psnr") { $0.codedPSNR },
    .count("clean_frames_with_faces") { $0.cleanDetection?.withFaces },
    .count("coded_frames_with_faces") { $0.codedDetection?.withFaces },
    .count("clean_gaps") { $0.cleanDetection?.gaps },
    .count("coded_gaps") { $0.codedDetection?.gaps },
    .untrusted("warnings") { $0.warnings.joined(separator: "; ") },
    .untrusted("failure") { $0.failure ?? "" },
  ])
}
