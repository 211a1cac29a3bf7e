package import Decoder
import Digests
import Foundation
import Media
import Models
package import Runs
package import Scoring
package import Verdicts

/// Everything about a scan that is fixed before the first video: what decoders are asked, how logits are judged, and
/// what every row says about model and settings.
package struct ScanPlan: Sendable {
  package let request: DecodeRequest
  package let judge: Judge
  package let context: ScanContext
  /// Warnings that hold for every row.
  package let warnings: [WarningRecord]
  /// What the faces go through beside; nil for nothing.
  package let attack: ScanAttack?
  /// Looks for the perturbation that turns a verdict; nil where that is not asked for.
  package let margin: FlipMargin?
  package let attackModel: AttackModel
  /// Flags perturbed input; nil where that is not asked for.
  package let flag: PerturbedFlag?
  /// Asked beside the model; nil where that is not asked for.
  let opinion: SecondOpinion?
  /// ONNX file of the face detector; nil for one that needs none.
  package let detectorModel: String?
  package let faults = FaultLog()

  /// - Parameter isQuickLook: whether its rows say that they are preliminary.
  /// - Throws: `WorkflowError.settings` for a setting that nothing here understands, `.input` for a detector's file that
  ///   cannot be used.
  package init(settings: ScanSettings, model: LoadedModel, isQuickLook: Bool = false) throws(WorkflowError) {
    guard let mode = DecodeMode(rawValue: settings.decode) else {
      throw .settings("there is no way to decode called '\(settings.decode)'")
    }
    guard let faces = FaceOrigin(rawValue: settings.faces) else {
      throw .settings("there is no source of faces called '\(settings.faces)'")
    }
    let contract = model.detector.cropContract
    let found = try DetectorFile.checkedName(settings.detector, path: settings.detectorModel)
    request = DecodeRequest(
      frames: settings.frames, mode: mode, faces: faces, detector: settings.detector, framing: contract.framing,
      cropSize: contract.size, cpuSeconds: settings.timeoutSeconds)
    let thresholds = settings.threshold.map { Thresholds(real: $0, fake: $0) } ?? model.detector.thresholds
    judge = Judge(thresholds: thresholds, calibration: model.detector.calibration)
    margin = settings.margin ? FlipMargin(seed: 1) : nil
    attackModel = AttackModel(
      model, defence: try settings.defence.map { text throws(WorkflowError) in try DefenceName.defence(text) })
    if let path = settings.perturbedFlag {
      flag = try PerturbedFlag.read(path, for: attackModel)
    } else {
      flag = nil
    }
    opinion = try settings.secondOpinion.map { path throws(WorkflowError) in
      try SecondOpinion(path: path, crops: contract)
    }
    detectorModel = settings.detectorModel
    if let perturb = settings.perturb {
      attack = try ScanAttack(perturb, judge: judge, side: contract.size)
    } else {
      attack = nil
    }
    let detector = faces == .wholeFrame ? FaceOrigin.wholeFrame.rawValue : found
    context = ScanContext(
      model: ModelRecord(name: model.detector.name, sha256: model.sha256), thresholds: thresholds,
      detector: detector, decoder: DecoderRecord(name: "ffmpeg", versions: MediaVersions.libraries),
      settings: Self.record(settings, detector: found, flag: flag, opinion: opinion, isQuickLook: isQuickLook))
    var warnings: [WarningRecord] = []
    if isQuickLook {
      warnings.append(
        WarningRecord(.quickLook, "only a quick look for lack of time (--budget): a later run looks again"))
    }
    if mode != .exact {
      warnings.append(WarningRecord(.approximate, "decoded with --decode \(mode.rawValue): frames are not exact"))
    }
    if contract.detector != detector {
      warnings.append(
        WarningRecord(
          .cropContract, "the model was trained on crops of '\(contract.detector)', these are of '\(detector)'"))
    }
    self.warnings = warnings
  }

  private static func record(
    _ settings: ScanSettings, detector: String, flag: PerturbedFlag?, opinion: SecondOpinion?, isQuickLook: Bool
  ) -> SettingsRecord {
    var values = [
      "frames": "\(settings.frames)", "decode": settings.decode, "faces": settings.faces,
      "detector": detector, "threshold": settings.threshold.map { "\($0)" } ?? "model",
      "timeoutSeconds": "\(settings.timeoutSeconds)", "decoderMemoryMiB": "\(settings.decoderMemoryMiB)",
    ]
    if isQuickLook { values["quickLook"] = "true" }
    if settings.margin { values["margin"] = "true" }
    if let defence = settings.defence { values["defence"] = defence }
    if let flag {
      values["detectPerturbed"] = "disagreement above \(flag.threshold)"
      values["detectPerturbedChanges"] = flag.changes.joined(separator: ",")
    }
    if let opinion { values["secondOpinion"] = "\(opinion.model.detector.name) (\(opinion.model.sha256.prefix(12)))" }
    if let distance = settings.recompressDistance { values["recompressDistance"] = "\(distance)" }
    if let perturb = settings.perturb {
      values["perturb"] = perturb.attack
      values["norm"] = perturb.norm ?? "own"
      values["epsilon"] = "\(perturb.epsilon)"
      values["steps"] = perturb.steps.map(String.init) ?? "own"
      values["adaptive"] = perturb.adaptive ? "video" : "crop"
      values["seed"] = "\(perturb.seed)"
    }
    return SettingsRecord(values: values, hash: SHA256.hexadecimal(of: SettingsRecord.canonicalBytes(of: values)))
  }
}
