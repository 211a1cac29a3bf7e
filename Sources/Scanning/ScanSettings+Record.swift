import Attacks
package import Decoder
import Digests
import Faces
package import Imaging
import Media
import Models
package import Runs
import Scoring
package import Verdicts

extension ScanSettings {
  /// What rows record: equal records, equal verdicts for equal files.
  ///
  /// - Parameters:
  ///   - detector: name of the face detector with its version.
  ///   - flag, opinion: as they were read from the files that the settings name.
  func record(
    detector: String, flag: PerturbedFlag?, opinion: SecondOpinion?, isFirstPass: Bool
  ) -> SettingsRecord {
    var values = [
      "frames": "\(frames)", "decode": decode.rawValue, "faces": faces.rawValue, "detector": detector,
      "threshold": calibration != nil ? Self.siteThresholds : threshold.map { "\($0)" } ?? Self.modelThresholds,
      "timeoutSeconds": "\(timeoutSeconds)",
      "decoderMemoryMiB": "\(decoderMemoryMiB)",
    ]
    if faces == .detect { values["qualityFloor"] = QualityFloor.usual.description }
    if isFirstPass { values["quickLook"] = "true" }
    if margin { values["margin"] = "true" }
    if let calibration { values["calibration"] = calibration.recorded }
    if let defence { values["defence"] = defence.text }
    if let flag {
      values["detectPerturbed"] = "disagreement above \(flag.threshold)"
      values["detectPerturbedChanges"] = flag.changes.joined(separator: ",")
    }
    if let opinion { values["secondOpinion"] = "\(opinion.model.detector.name) (\(opinion.model.sha256.prefix(12)))" }
    if let recompressDistance { values["recompressDistance"] = "\(recompressDistance)" }
    if let perturb {
      values["perturb"] = perturb.attack
      values["norm"] = perturb.norm?.rawValue ?? Self.attackDefault
      values["epsilon"] = "\(perturb.epsilon)"
      values["steps"] = perturb.steps.map(String.init) ?? Self.attackDefault
      values["adaptive"] = perturb.target.rawValue
      values["seed"] = "\(perturb.seed)"
    }
    return SettingsRecord(values: values, hash: SHA256.hexadecimal(of: SettingsRecord.canonicalBytes(of: values)))
  }

  /// The settings of the scan that wrote a row.
  ///
  /// Rows do not record paths: `detectorModel`, `perturbedFlag` and `secondOpinion` are nil, and `calibration` is, whose
  /// thresholds are those of the row's context.
  ///
  /// - Throws: `WorkflowError.settings` when a setting is missing or has a value that no scan of this version writes.
  package init(_ record: SettingsRecord) throws(WorkflowError) {
    let values = RecordedValues(record)
    self.init()
    frames = try values.required("frames") { Int($0) }
    decode = try values.required("decode") { DecodeMode(rawValue: $0) }
    faces = try values.required("faces") { FaceOrigin(rawValue: $0) }
    detector = try values.required("detector") { FaceDetectorKind(recordedName: $0) }
    if record.values["threshold"] != Self.siteThresholds {
      threshold = try values.optional("threshold", absent: Self.modelThresholds) { Double($0) }
    }
    timeoutSeconds = try values.required("timeoutSeconds") { Int($0) }
    decoderMemoryMiB = try values.required("decoderMemoryMiB") { Int($0) }
    margin = try values.optional("margin") { Bool($0) } ?? false
    if let text = record.values["defence"] { defence = try DefenceName(text) }
    recompressDistance = try values.optional("recompressDistance") { Double($0) }
    guard let attack = record.values["perturb"] else { return }
    var perturb = PerturbSettings(attack: attack, epsilon: try values.required("epsilon") { Float($0) })
    perturb.norm = try values.optional("norm", absent: Self.attackDefault) { Norm(rawValue: $0) }
    perturb.steps = try values.optional("steps", absent: Self.attackDefault) { Int($0) }
    perturb.target = try values.required("adaptive") { PerturbSettings.Target(rawValue: $0) }
    perturb.seed = try values.required("seed") { UInt64($0) }
    self.perturb = perturb
  }

  /// Recorded instead of a threshold where the model's own two count.
  private static let modelThresholds = "model"
  /// The same where those of a site calibration count.
  private static let siteThresholds = "site"
  /// Recorded instead of a norm or a number of steps where the attack's own counts.
  private static let attackDefault = "own"

  /// What decoder processes are asked for each video.
  ///
  /// - Parameter crops: face-crop settings of the model.
  package func request(for crops: FaceCropSettings) -> DecodeRequest {
    DecodeRequest(
      frames: frames, mode: decode, faces: faces, qualityFloor: .usual, framing: crops.framing, cropSize: crops.size,
      cpuSeconds: timeoutSeconds)
  }
}

/// Reads recorded values from their text.
private struct RecordedValues {
  private let values: [String: String]

  init(_ record: SettingsRecord) { values = record.values }

  func required<Value>(_ key: String, _ parse: (String) -> Value?) throws(WorkflowError) -> Value {
    guard let value = try optional(key, parse) else {
      throw .settings("the settings of a row are not those of a scan: '\(key)' is missing")
    }
    return value
  }

  /// - Parameter absent: text that stands for no value.
  func optional<Value>(
    _ key: String, absent: String? = nil, _ parse: (String) -> Value?
  ) throws(WorkflowError) -> Value? {
    guard let text = values[key], text != absent else { return nil }
    guard let value = parse(text) else {
      throw .settings("the settings of a row are not those of a scan: \(key) '\(text)'")
    }
    return value
  }
}
