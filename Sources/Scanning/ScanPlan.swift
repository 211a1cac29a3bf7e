package import Decoder
package import Faces
import Foundation
import Imaging
import Media
import Models
package import Runs
package import Scoring
package import Verdicts

/// Everything about a scan that is fixed before the first video: the decode request, the rules for verdicts, and the
/// model and settings recorded in every row.
package struct ScanPlan: Sendable {
  package let request: DecodeRequest
  package let judge: Judge
  package let context: ScanContext
  /// Calibration and limits of the model, recorded in the header.
  package let modelCard: ModelCardRecord
  /// Warnings that apply to every row.
  package let warnings: [WarningRecord]
  /// Attack on the faces, if any.
  package let attack: ScanAttack?
  /// Search for the evasion margin, if requested.
  package let margin: FlipMargin?
  package let attackModel: AttackModel
  /// Flag for perturbed input, if requested.
  package let flag: PerturbedFlag?
  /// Second opinion, if requested.
  let opinion: SecondOpinion?
  package let faceDetector: FaceDetectorChoice
  package let faults = FaultLog()

  /// - Parameter isFirstPass: whether its rows say that they are preliminary.
  /// - Throws: `WorkflowError.settings` for an attack that does not exist or a budget out of its norm's range, `.input` for
  ///   a detector's file that cannot be used.
  package init(settings: ScanSettings, model: LoadedModel, isFirstPass: Bool = false) throws(WorkflowError) {
    let crops = model.detector.cropSettings
    let found = try settings.faceDetector.checkedName()
    request = settings.request(for: crops)
    judge = Judge(
      model.detector,
      thresholds: settings.calibration?.thresholds ?? settings.threshold.map { Thresholds(real: $0, fake: $0) })
    margin = settings.margin ? FlipMargin(seed: 1) : nil
    attackModel = AttackModel(model, defence: settings.defence?.defence)
    if let path = settings.perturbedFlag {
      flag = try PerturbedFlag.read(path, for: attackModel)
    } else {
      flag = nil
    }
    opinion = try settings.secondOpinion.map { path throws(WorkflowError) in
      try SecondOpinion(path: path, crops: crops)
    }
    faceDetector = settings.faceDetector
    if let perturb = settings.perturb {
      attack = try ScanAttack(perturb, judge: judge, side: crops.size)
    } else {
      attack = nil
    }
    let detector = settings.faces.recordedDetector(found)
    context = ScanContext(
      model: ModelRecord(name: model.detector.name, sha256: model.sha256), thresholds: judge.thresholds,
      detector: detector, decoder: DecoderRecord(name: "ffmpeg", versions: MediaVersions.libraries),
      settings: settings.record(detector: found, flag: flag, opinion: opinion, isFirstPass: isFirstPass))
    // A first pass is preliminary, and decodes key frames only.
    if !isFirstPass { try settings.calibration?.check(context) }
    modelCard = ModelCardRecord(model.detector.calibration, limits: model.detector.card.limits)
    var warnings: [WarningRecord] = []
    if isFirstPass {
      warnings.append(
        WarningRecord(.firstPass, "first pass only for lack of time (--budget): a later run scans it in full"))
    }
    if settings.decode != .exact {
      warnings.append(
        WarningRecord(.approximate, "decoded with --decode \(settings.decode.rawValue): frames are not exact"))
    }
    let used = FaceCropSettings(
      detector: detector, framing: crops.framing, filter: Frame.resizeFilterName, size: crops.size)
    warnings += crops.differences(from: used).map { WarningRecord(.cropSettings, $0) }
    self.warnings = warnings
  }

  /// Scores faces as this scan does, on one thread.
  package func scorer(batch: Int) throws -> FaceScorer { try FaceScorer(attackModel, judge: judge, batch: batch) }
}
