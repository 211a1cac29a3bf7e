import Verdicts

/// A manifest row in the form that the page's script reads.
struct ReportedVideo: Encodable {
  struct Track: Encodable {
    let id: Int
    let score: Double
    let times: [Int]
    let scores: [Double]
  }

  struct Fact: Encodable {
    let name: String
    let text: String
  }

  let path: String
  /// The file's path, for a table of labels; nil if it is not valid text.
  let file: String?
  let verdict: String
  let score: Double?
  let reason: String?
  let message: String?
  let tracks: [Track]
  let deciding: Int?
  let segments: [SegmentRecord]
  let warnings: [String]
  let facts: [Fact]
  let seconds: Double?
  let frames: FrameCounts
  let sha256: String?
  let hasPictures: Bool

  init(_ record: VideoRecord, file: String?, hasPictures: Bool) {
    let finding = record.finding
    path = record.source.path.percentEncoded ?? record.source.path.text
    self.file = file
    self.hasPictures = hasPictures
    verdict = finding.verdict.rawValue
    score = finding.score
    reason = finding.reason?.rawValue
    message = finding.message
    tracks = finding.tracks.map { track in
      Track(id: track.id, score: track.score, times: track.boxes.map(\.timeMs), scores: track.boxes.map(\.score))
    }
    deciding = finding.tracks.filter { $0.score == finding.score }.max { $0.boxes.count < $1.boxes.count }?.id
    segments = finding.segments
    warnings = record.warnings.map { $0.count > 1 ? "\($0.message) (\($0.count) times)" : $0.message }
    seconds = record.content.durationSeconds
    frames = record.content.frames
    sha256 = record.source.sha256
    facts = Self.facts(record)
  }

  private static func facts(_ record: VideoRecord) -> [Fact] {
    var facts: [Fact] = []
    if let attack = record.perturbation {
      facts.append(Fact(name: "Under attack", text: words(attack, record.cleanScore, record.perturbedScore)))
    }
    if let margin = record.margin {
      facts.append(
        Fact(
          name: "Evasion margin",
          text: margin.levels.map { "\($0) of 255 pixel levels" }
            ?? "none found up to \(margin.upTo) of 255 pixel levels"))
    }
    if let coded = record.recompression {
      let variants = coded.variants.map { variant in
        "CRF \(variant.crf)\(variant.isHalfSize ? ", half size" : ""): "
          + (variant.score.map(decimals) ?? variant.verdict.phrase)
      }
      facts.append(
        Fact(
          name: "Coded once more",
          text: "\(coded.flips ? "the verdict flips" : "the verdict stays"); scores \(decimals(coded.lowest)) to "
            + "\(decimals(coded.highest)) (\(variants.joined(separator: "; ")))"))
    }
    if let opinion = record.secondOpinion {
      let score = opinion.score.map { "score \(decimals($0))" } ?? "no score"
      facts.append(
        Fact(
          name: "Second opinion",
          text: "\(score) by the model \(opinion.model.name) (SHA-256 \(opinion.model.sha256.prefix(12))); the verdict "
            + "does not depend on it"))
    }
    if let input = record.perturbedInput {
      facts.append(
        Fact(
          name: "Perturbed input",
          text: (input.isFlagged ? "flagged" : "not flagged")
            + ": scores differ by \(input.disagreement) under small changes, flagged above \(input.threshold), as "
            + "\(input.falseAlarmRate) of unperturbed footage is"))
    }
    if let tracks = record.videoTracks {
      let words = tracks.map { track in
        let verdict = track.verdict.map(\.phrase) ?? "not looked at"
        let score = track.score.map { ", score \(decimals($0))" } ?? ""
        return
          "stream \(track.stream) (\(track.codec), \(track.width)×\(track.height)): \(verdict)\(score)"
          + (track.isDeciding ? ", shown here" : "")
      }
      facts.append(Fact(name: "Video tracks", text: words.joined(separator: "; ")))
    }
    if let range = record.dynamicRange {
      facts.append(
        Fact(name: "Dynamic range", text: "\(range.rawValue.uppercased()), mapped to SDR"))
    }
    if let count = record.deinterlacedFrames {
      facts.append(Fact(name: "Interlaced", text: "\(count) frames, deinterlaced"))
    }
    if let size = record.source.sizeBytes {
      facts.append(Fact(name: "Size", text: "\(size) bytes"))
    }
    if let time = record.source.mtime {
      facts.append(Fact(name: "Last changed", text: time.description))
    }
    return facts
  }

  private static func words(_ attack: PerturbationRecord, _ clean: Double?, _ perturbed: Double?) -> String {
    let what = "\(attack.attack), \(attack.norm) \(decimals(attack.epsilon))"
    guard let effect = attack.effect else { return "\(what): no face to perturb" }
    let scores = "score \(clean.map(decimals) ?? "–") → \(perturbed.map(decimals) ?? "–")"
    var text =
      "\(what): \(scores), verdict then \(effect.perturbedVerdict.phrase), \(effect.misclassified) of \(effect.faces) "
      + "faces misclassified; changed by at most \(decimals(effect.largestLinf))"
    if let found = effect.detection {
      text +=
        "; the detector finds the faces in \(found.clean.withFaces) of \(found.clean.frames) frames before, "
        + "\(found.perturbed.withFaces) after"
    }
    return text
  }
}

/// Three decimals, truncated, so that no score below a threshold appears equal to it.
func decimals(_ value: Double) -> String {
  let thousandths = Int((value * 1000 + 1e-9).rounded(.down))
  let rest = String(thousandths % 1000)
  return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
}

extension String {
  /// An identifier of the manifest as words.
  var words: String { split(separator: "_").joined(separator: " ") }
}
