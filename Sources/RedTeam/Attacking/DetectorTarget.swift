import Attacks
import Datasets
import Decoder
import Foundation
import Runs
import Scoring

/// A face detector under attack, shown one crop at a time; it is correct if it finds the crop's face, whether real or
/// fake.
struct DetectorTarget: AttackTarget {
  /// Name on the command line.
  static let name = "face-detector"
  /// The attack that is fitted to real and fake crops.
  static let unfitAttack = "universal"

  let search: FaceSearch
  var name: String { search.detector }
  var key: String { "detector \(search.detector)" }
  var defence: (any InputDefence)? { nil }
  var isDefenceKnown: Bool { true }

  func oracle() throws -> any GradientOracle { DetectorOracle(try search.open()) }
  func bareOracle() throws -> any GradientOracle { try oracle() }
  func truth(of label: Label) -> TrueClass { .fake }

  func answer(_ logit: Float) -> String { logit >= 0 ? "found" : "not found" }

  /// - Parameters:
  ///   - search: nil if no face detector checks the crops.
  ///   - crops: the crop folder, for messages.
  /// - Throws: `WorkflowError` for options that do not apply to a face detector.
  init(_ options: AttackOptions, _ search: FaceSearch?, crops: String) throws(WorkflowError) {
    guard options.models.count == 1 else {
      throw .usage("\(Self.name) is attacked alone: attack the models in a separate run")
    }
    guard options.detector != nil else {
      throw .usage("\(Self.name) cannot be combined with --faces whole-frame, which uses no face detector")
    }
    guard let search else {
      throw .input(path: crops, why: "its crops are whole frames without a known face box")
    }
    let unfit = [
      ("--defence", !options.defences.isEmpty), ("--certify", options.certify != nil),
      ("--detect-perturbed", options.flagRate != nil), ("--transfer-from", !options.sources.isEmpty),
    ].filter(\.1)
    guard unfit.isEmpty else {
      throw .usage("\(unfit.map(\.0).joined(separator: ", ")): for networks only, not for \(Self.name)")
    }
    if options.attacks.contains(Self.unfitAttack) {
      throw .usage(
        "the attack '\(Self.unfitAttack)' does not apply to a face detector; expected "
          + AttackOptions.faceDetectorNames.joined(separator: ", "))
    }
    self.search = search
  }
}

/// Whether a face detector finds a crop's face, as log-odds of the network's score relative to the least score of a
/// face. "Fake" stands for "found".
///
/// `logit` asks the detector as a scan does, and does not say by how much a face is missed; `gradient` goes through the
/// network with values that are not rounded.
final class DetectorOracle: GradientOracle {
  /// Logit if no face is found; the detector gives no confidence then.
  private static let lost: Float = -1

  private(set) var queries = 0
  private(set) var gradients = 0
  private let search: CropSearch

  init(_ search: CropSearch) { self.search = search }

  func logit(of x: CropPixels) throws -> Float {
    queries += 1
    guard let confidence = try search.confidence(in: x.frame) else { return Self.lost }
    func logOdds(_ probability: Float) -> Float { log(probability / (1 - probability)) }
    let inner = min(max(confidence, 1e-6), 1 - 1e-6)
    // Every reported detection counts as found, even if rounding puts it below the detector's own limit.
    return max(logOdds(inner) - logOdds(search.leastConfidence), 0)
  }

  func gradient(at x: CropPixels) throws -> (logit: Float, gradient: [Float]) {
    gradients += 1
    // Without a box at the place nothing can be followed: the face is lost.
    return try search.scoreGradient(in: x) ?? (Self.lost, [Float](repeating: 0, count: x.values.count))
  }
}
