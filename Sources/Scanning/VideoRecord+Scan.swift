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
  /// The row of one scanned video with all requested findings: that of its most suspicious track, if it has several.
  package func record(of video: ScoredVideo) throws(VerdictsError) -> VideoRecord {
    var records: [VideoRecord] = []
    for track in [video] + video.otherTracks { records.append(try trackRecord(of: track)) }
    return VideoRecord(
      mostSuspiciousOf: records, tracks: [video.file] + video.otherTracks.map(\.file))
  }

  private func trackRecord(of video: ScoredVideo) throws(VerdictsError) -> VideoRecord {
    var record = VideoRecord(
      video, judge: judge, context: context, framesAsked: request.frames, warnings: warnings)
    if let attack { try record.setEffect(of: attack, on: video) }
    record.margin = video.extras.margin
    record.recompression = video.extras.recompression
    if let flag = video.extras.flag { record.setPerturbedInput(flag) }
    record.secondOpinion = video.extras.secondOpinion
    return record
  }
}

extension VideoRecord {
  /// The row of the most suspicious video track of a file, with what was found in each track.
  ///
  /// - Parameters:
  ///   - records: of the tracks, the one that players show first.
  ///   - tracks: as many.
  init(mostSuspiciousOf records: [VideoRecord], tracks: [DecodedFile]) {
    guard records.count > 1 else {
      self = records[0]
      return
    }
    let findings = records.map(\.finding)
    let deciding = VideoTrackRecord.mostSuspicious(
      of: zip(findings, tracks).map { $1.omission == nil ? $0 : nil })
    self = records[deciding]
    videoTracks = tracks.indices.compactMap { index in
      tracks[index].track.map { track in
        VideoTrackRecord(
          stream: track.stream, codec: track.codec, width: track.codedWidth,
          height: track.codedHeight,
          finding: tracks[index].omission == nil ? findings[index] : nil,
          isDeciding: index == deciding)
      }
    }
    for (index, track) in tracks.enumerated() where index != deciding {
      guard let why = track.omission?.words ?? findings[index].message else { continue }
      warnings.append(WarningRecord(.videoTrack, "\(track.trackName) was not looked at: \(why)"))
    }
    if deciding > 0 {
      warnings.append(
        WarningRecord(
          .videoTrack,
          "the verdict is that of \(tracks[deciding].trackName); players show \(tracks[0].trackName), which is "
            + "\(findings[0].verdict.rawValue)"))
    }
  }

  /// The row of one scanned video.
  ///
  /// - Parameter warnings: warnings that apply to every row of the run.
  package init(_ scored: ScoredVideo, judge: Judge, context: ScanContext, framesAsked: Int, warnings: [WarningRecord]) {
    let file = scored.file
    let source = VideoSource(
      path: VideoPath(file.path), root: file.root.map { VideoPath($0) }, sizeBytes: file.status?.sizeBytes,
      mtime: file.status.map { Timestamp(nanosecondsSinceEpoch: $0.modifiedNanoseconds) }, sha256: file.sha256)
    let content = VideoContent(
      durationSeconds: file.report?.reachedSeconds ?? file.info?.durationSeconds,
      timeBase: file.info.map {
        TimeBase(numerator: $0.timeBaseNumerator, denominator: $0.timeBaseDenominator)
      },
      frames: FrameCounts(
        asked: framesAsked, decoded: file.frames.count, withFaces: file.frames.count { !$0.faces.isEmpty },
        lowQuality: file.lowQualityFrames),
      container: file.info?.container, codec: file.info?.codec)
    self.init(
      source: source, content: content, finding: Self.finding(scored, judge: judge, framesAsked: framesAsked),
      warnings: warnings + Self.warnings(file, framesAsked: framesAsked), context: context)
    if let range = file.report?.dynamicRange { dynamicRange = range == .pq ? .pq : .hlg }
    if let count = file.report?.interlaced, count > 0 { deinterlacedFrames = count }
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
    if file.lowQualityFrames > 0 { return .lowQuality(frames: file.lowQualityFrames) }
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
    if report.damages > 0 {
      warnings.append(
        WarningRecord(
          .decodeErrors, "the container's data is damaged: packets are incomplete, out of sequence or unreadable",
          count: report.damages))
    }
    if report.missing > 0 {
      let text =
        "\(report.missing) of the \(report.decoded + report.missing) chosen frames did not come out of the decoder"
      warnings.append(WarningRecord(.fewFrames, text, count: report.missing))
    }
    if report.transparent > 0 {
      let text = "frames are partly transparent: a face that shows only over a player's background is not found"
      warnings.append(WarningRecord(.other, text, count: report.transparent))
    }
    if report.claimsEncryption {
      warnings.append(WarningRecord(.other, "the file says that it is encrypted, and is not: it was scanned"))
    }
    if report.hasOtherCodecs {
      warnings.append(
        WarningRecord(.other, "the video track changes its codec: frames of the second codec were not scanned"))
    }
    if report.framesEditedOut > 0 {
      warnings.append(
        WarningRecord(
          .other,
          "the file's edit list hides \(report.framesEditedOut) frames, which were not scanned: some players show them")
      )
    }
    return warnings + durationWarnings(report)
  }

  /// What the declared and the real duration, and the end of the file, say.
  private static func durationWarnings(_ report: SampleReport) -> [WarningRecord] {
    let (reached, missing) = (report.reachedSeconds, report.missingSeconds)
    if let truncation = report.truncation {
      let text =
        switch (truncation, report.declaredSeconds) {
        case (.early, let declared?): String(format: "the data ends after %.1f of %.1f s", reached + missing, declared)
        case (.early, nil): String(format: "the data ends after %.1f s", reached + missing)
        case (.cut, _):
          String(format: "the file is cut off: its last part is incomplete, after %.1f s", reached + missing)
        }
      return [WarningRecord(.truncated, text)]
    }
    if missing >= 0.5 {
      let text = String(
        format: "the first %.1f of %.1f s cannot be decoded: they precede the first key frame", missing,
        reached + missing)
      return [WarningRecord(.duration, text)]
    }
    if let claimed = report.overstatedSeconds {
      return [
        WarningRecord(.duration, String(format: "the file claims to last %.1f s and lasts %.1f s", claimed, reached))
      ]
    }
    if let declared = report.declaredSeconds, declared < reached * 0.98 - 0.5 {
      return [
        WarningRecord(
          .duration, String(format: "the video is declared to last %.1f s and lasts %.1f s", declared, reached))
      ]
    }
    return []
  }
}

extension DecodedFile {
  /// The video track in words.
  fileprivate var trackName: String {
    guard let track else { return "a video track" }
    // The size of a stream that begins late is not in the container.
    let size = track.codedWidth > 0 ? ", \(track.codedWidth)×\(track.codedHeight)" : ""
    return "video stream \(track.stream) (\(track.codec)\(size))"
  }
}

extension TrackMessage.Omission {
  fileprivate var words: String {
    switch self {
    case .still: "it is a still picture"
    case .limit: "the file has too many video tracks"
    }
  }
}
