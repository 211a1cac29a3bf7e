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

  /// The table of results, and `attacked.csv`.
  package static let table = Table<VideoAttackRow>([
    .untrusted("path") { $0.path }.shown(as: "VIDEO") {
      $0.path.split(separator: "/").last.map { Terminal.harmless(String($0)) } ?? ""
    },
    .untrusted("output") { $0.output ?? "" }.fileOnly,
    .text("attack") { $0.attack }.fileOnly,
    .text("norm") { $0.norm }.fileOnly,
    .number("epsilon") { $0.epsilon }.fileOnly,
    .text("robust_to_codec") { "\($0.robustToCodec)" }.fileOnly,
    .count("crf") { $0.crf }.fileOnly,
    .number("clean_score") { $0.clean?.score }.shown(as: "CLEAN") { text($0.clean) },
    .text("clean_verdict") { $0.clean?.verdict.rawValue ?? "" }.fileOnly,
    .number("perturbed_score") { $0.perturbed?.score }.shown(as: "PERTURBED") { text($0.perturbed) },
    .text("perturbed_verdict") { $0.perturbed?.verdict.rawValue ?? "" }.fileOnly,
    .number("coded_score") { $0.coded?.score }.shown(as: "CODED") { text($0.coded) },
    .text("coded_verdict") { $0.coded?.verdict.rawValue ?? "" }.fileOnly,
    .number("survival") { $0.survival }.shown(as: "SURVIVES") {
      $0.survival.map { String(format: "%.0f %%", $0 * 100) } ?? "-"
    },
    .count("frames") { $0.frames }.fileOnly,
    .count("perturbed_frames") { $0.perturbedFrames }.shown(as: "FRAMES") { "\($0.perturbedFrames)/\($0.frames)" },
    .number("perturbed_psnr") { $0.perturbedPSNR }.shown(as: "PSNR") { decibels($0.perturbedPSNR) },
    .number("coded_psnr") { $0.codedPSNR }.shown(as: "CODED PSNR") { decibels($0.codedPSNR) },
    .display("FACES") { change($0) { "\($0.withFaces)/\($0.frames)" } },
    .count("clean_frames_with_faces") { $0.cleanDetection?.withFaces }.fileOnly,
    .count("coded_frames_with_faces") { $0.codedDetection?.withFaces }.fileOnly,
    .display("GAPS") { change($0) { "\($0.gaps)" } },
    .count("clean_gaps") { $0.cleanDetection?.gaps }.fileOnly,
    .count("coded_gaps") { $0.codedDetection?.gaps }.fileOnly,
    .display("NOTE") { Terminal.harmless(([$0.failure].compactMap(\.self) + $0.warnings).joined(separator: "; ")) },
    .untrusted("warnings") { $0.warnings.joined(separator: "; ") }.fileOnly,
    .untrusted("failure") { $0.failure ?? "" }.fileOnly,
  ])

  private static func text(_ standing: Standing?) -> String {
    guard let standing else { return "-" }
    return (standing.score.map { String(format: "%.3f ", $0) } ?? "") + standing.verdict.shortPhrase
  }

  private static func decibels(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }

  private static func change(_ row: VideoAttackRow, _ value: (DetectionRecord) -> String) -> String {
    "\(row.cleanDetection.map(value) ?? "-") → \(row.codedDetection.map(value) ?? "-")"
  }
}
