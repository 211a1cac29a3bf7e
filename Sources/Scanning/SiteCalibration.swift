import Files
import Foundation
package import Runs
package import Verdicts

/// Thresholds fitted to a site's own real videos by split conformal prediction (Papadopoulos et al. 2002; Lei et al.
/// 2018).
///
/// If a further real video is exchangeable with the `videos` that were scanned, the probability that it is called fake is
/// at most `falsePositiveRate`, and that it is called fake or undecided at most `flagRate`, whatever the distribution of
/// scores.
package struct SiteCalibration: Sendable, Hashable, Codable {
  /// Version of the file's format.
  private(set) var schemaVersion = 1
  package let model: ModelRecord
  /// Settings of the scan that change scores; thresholds hold for these only.
  package let settings: [String: String]
  /// Real videos with a score.
  package let videos: Int
  package let falsePositiveRate: Double
  package let flagRate: Double
  package let thresholds: Thresholds
  package let createdAt: Timestamp

  /// What other settings change does not bear on a video's score.
  private static let scoreSettings = ["frames", "decode", "faces", "detector", "defence"]
  /// Scores are rounded to this.
  private static let scoreStep = 1e-6

  /// - Parameters:
  ///   - scores: of real videos, 0…1.
  ///   - falsePositiveRate: above 0, below 1; likewise `flagRate`, which is not smaller.
  ///   - context: of the scan that gave the scores.
  /// - Throws: `WorkflowError.settings` when there are too few videos for a rate, or a threshold would exceed 1.
  package init(
    scores: [Double], falsePositiveRate: Double, flagRate: Double, context: ScanContext, createdAt: Timestamp
  ) throws(WorkflowError) {
    let sorted = scores.sorted()
    func threshold(_ rate: Double) throws(WorkflowError) -> Double {
      let least = Self.leastVideos(rate)
      guard sorted.count >= least else {
        throw .settings(
          "there are \(counted(sorted.count, "real videos")) with a score, and a rate of \(rate) needs \(least): add videos, "
            + "or allow a higher rate")
      }
      let value = sorted[Self.rank(rate, count: sorted.count) - 1] + Self.scoreStep
      guard value <= 1 else {
        throw .settings(
          "too many of the real videos have the score 1 for a rate of \(rate): look at them, they may not be real")
      }
      return value
    }
    let fake = try threshold(falsePositiveRate)
    thresholds = Thresholds(real: min(try threshold(flagRate), fake), fake: fake)
    model = context.model
    settings = Self.scoreSettings(of: context)
    videos = scores.count
    self.falsePositiveRate = falsePositiveRate
    self.flagRate = flagRate
    self.createdAt = createdAt
  }

  /// The smallest number of videos from which a rate can be guaranteed.
  package static func leastVideos(_ rate: Double) -> Int { Int((1 / rate - 1 - 1e-9).rounded(.up)) }

  /// The rank, from 1, of the score that a rate allows to exceed: (n + 1)(1 − rate), rounded up.
  private static func rank(_ rate: Double, count: Int) -> Int {
    max(1, Int((Double(count + 1) * (1 - rate) - 1e-9).rounded(.up)))
  }

  private static func scoreSettings(of context: ScanContext) -> [String: String] {
    context.settings.values.filter { scoreSettings.contains($0.key) }
  }

  /// - Throws: `WorkflowError.input` when the file is missing or of another format.
  package static func read(_ path: String) throws(WorkflowError) -> SiteCalibration {
    let calibration: SiteCalibration
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
      throw .input(path: path, why: explanation(of: error))
    }
    do { calibration = try JSONDecoder().decode(SiteCalibration.self, from: bytes) } catch {
      throw .input(path: path, why: "not a file written by assay calibrate: \(explanation(of: error))")
    }
    guard calibration.schemaVersion == 1 else {
      throw .input(
        path: path,
        why: "its format is version \(calibration.schemaVersion), this program reads version 1: calibrate again")
    }
    return calibration
  }

  /// - Throws: `WorkflowError.usage` when the scan uses another model or settings that change scores.
  func check(_ context: ScanContext) throws(WorkflowError) {
    guard model.sha256 == context.model.sha256 else {
      throw .usage(
        "the site calibration is for the model \(model.name) (\(model.sha256.prefix(12))), not for \(context.model.name) "
          + "(\(context.model.sha256.prefix(12))): calibrate again, or scan with that model")
    }
    let own = Self.scoreSettings(of: context)
    for key in Self.scoreSettings where own[key] != settings[key] {
      throw .usage(
        "the site calibration was made with \(key) \(settings[key] ?? "none"), this scan has \(own[key] ?? "none"): "
          + "calibrate again, or scan with that setting")
    }
  }

  /// As a row's settings record it.
  var recorded: String {
    "\(counted(videos, "real videos")), rates \(falsePositiveRate) and \(flagRate), thresholds \(thresholds.real) and "
      + "\(thresholds.fake)"
  }
}
