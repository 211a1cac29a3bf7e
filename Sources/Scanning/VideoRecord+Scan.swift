import Attacks
import Decoder
import Faces
import Foundation
import Imaging
import Isolation
import Media
import Scoring
package import Verdicts

extension ScanPlan {
  /// The row of one scanned video with all requested findings.
  package func record(of video: ScoredVideo) throws(VerdictsError) -> VideoRecord {
    var record = VideoRecord(video, judge: judge, context: context, framesAsked: request.frames, warnings: warnings)
    if let attack { try record.setEffect(of: attack, on: video) }
    record.margin = video.extras.margin
    record.recompression = video.extras.recompression
    if let flag = video.extras.flag { record.setPerturbedInput(flag) }
    record.secondOpinion = video.extras.secondOpinion
    return record
  }
}

extension VideoRecord {
  /// The row of one scanned video.
  ///
  /// - Parameter warnings: warnings that apply to every row of the run.
  package init(_ scored: ScoredVideo, judge: Judge, context: ScanContext, framesAsked: Int, warnings: [WarningRecord]) {
    let file = scored.file
    let source = VideoSource(
      path: VideoPath(file.path), sizeBytes: file.status?.sizeBytes,
      mtime: file.status.map { Timestamp(nanosecondsSinceEpoch: $0.modifiedNanoseconds) }, sha256: file.sha256)
    let content = VideoContent(
      durationSeconds: file.report?.reachedSeconds ?? file.info?.durationSeconds,
      timeBase: file.info.map {
        TimeBase(numerator: $0.timeBaseNumerator, denominator: $0.timeBaseDenominator)
      },
      frames: FrameCounts(
        asked: framesAsked, decoded: file.frames.count, withFaces: file.frames.count { !$0.faces.isEmpty }))
    self.init(
      source: source, content: content, finding: Self.finding(scored, judge: judge, framesAsked: framesAsked),
      warnings: warnings + Self.warnings(file, framesAsked: framesAsked), context: context)
  }

  private static func finding(_ scored: ScoredVideo, judge: Judge, framesAsked: Int) -> Finding {
    let file = scored.file
    if let failure = file.failure { return .failed(failure.reason, message: failure.message) }
    guard !file.frames.isEmpty else {
      return .failed(.truncated, message: "not one frame could be decoded: the data ends or is damaged before it")
    }
    do {
      if let judgement = try judge.judgement(of: file, logits: scored.logits) {
        return .judged(judgement)
      }
    } catch {
      return .failed(.crashed, message: "the network gave no number for a face: \(error)")
    }
    // A short video with few frames is complete; a truncated one without a face in the remaining frames is
    // inconclusive.
    if file.report?.truncated == true, file.frames.count * 2 < framesAsked {
      return .failed(
        .truncated,
        message: "only \(file.frames.count) of \(framesAsked) frames could be decoded, and no face is in them")
    }
    return .noFace
  }

  /// Records the effect of the attack on the video's faces.
  mutating func setEffect(of attack: ScanAttack, on video: ScoredVideo) throws(VerdictsError) {
    let faces = video.perturbed
    // A video without a verdict has none after the attack either.
    let judgement =
      finding.score != nil && faces.count == video.logits.count
      ? try attack.judge.judgement(of: video.file, logits: faces.map(\.logit)) : nil
    let detection = Self.detection(of: faces, in: video.file)
    let verdict = judgement.map { judgement in
      detection.map { $0.perturbed.guarded(judgement.verdict, since: $0.clean) } ?? judgement.verdict
    }
    if let detection, judgement != nil, detection.perturbed.isBlinded(since: detection.clean) {
      warnings.append(
        WarningRecord(
          .other, "under attack the face detector lost more than half of the faces: that does not make a video real"))
    }
    let effect = verdict.map { verdict in
      PerturbationEffect(
        perturbedVerdict: verdict, faces: faces.count, misclassified: faces.count(where: \.isTurned),
        largestLinf: Double(faces.map(\.size.linf).max() ?? 0),
        meanL2: faces.reduce(0) { $0 + Double($1.size.l2) } / Double(faces.count),
        meanL0: faces.reduce(0) { $0 + Double($1.size.l0) } / Double(faces.count), detection: detection)
    }
    setPerturbation(
      attack.record(effect), cleanScore: finding.score, perturbedScore: verdict == .noFace ? nil : judgement?.score)
  }

  /// Whether the face detector finds the faces in their clean and perturbed crops, by frame; nil if it was not run.
  private static func detection(of faces: [PerturbedLogit], in file: DecodedFile) -> DetectionChange? {
    var (clean, perturbed): ([Set<Int>], [Set<Int>]) = ([], [])
    var index = 0
    for frame in file.frames {
      clean.append([])
      perturbed.append([])
      for face in frame.faces {
        guard index < faces.count, let isFound = faces[index].isFound else { return nil }
        if isFound.clean { clean[clean.count - 1].insert(face.track) }
        if isFound.perturbed { perturbed[perturbed.count - 1].insert(face.track) }
        index += 1
      }
    }
    return DetectionChange(
      clean: DetectionRecord(tracksByFrame: clean), perturbed: DetectionRecord(tracksByFrame: perturbed))
  }

  private static func warnings(_ file: DecodedFile, framesAsked: Int) -> [WarningRecord] {
    guard file.failure == nil, let report = file.report else { return [] }
    var warnings: [WarningRecord] = []
    if report.decodeErrors > 0 {
      let first = report.firstErrors.first.map { ": \($0)" } ?? ""
      warnings.append(WarningRecord(.decodeErrors, "the decoder reported errors\(first)", count: report.decodeErrors))
    }
    if report.truncated {
      let reached = String(format: "%.1f", report.reachedSeconds)
      let declared = report.declaredSeconds.map { String(format: " of %.1f", $0) } ?? ""
      warnings.append(WarningRecord(.truncated, "the data ends after \(reached)\(declared) s"))
    } else if let claimed = report.overstatedSeconds {
      let text = String(format: "the file claims to last %.1f s and lasts %.1f s", claimed, report.reachedSeconds)
      warnings.append(WarningRecord(.duration, text))
    } else if let declared = report.declaredSeconds, declared < report.reachedSeconds * 0.98 - 0.5 {
      let text = String(
        format: "the video is declared to last %.1f s and lasts %.1f s", declared, report.reachedSeconds)
      warnings.append(WarningRecord(.duration, text))
    }
    return warnings
  }
}
