import Attacks
import Decoder
import Faces
import Files
import Foundation
import Imaging
import Isolation
import Media
import Models
import Runs
import Scanning
import Scoring
import Training
import Verdicts

/// Result of attacks on videos.
package struct VideoAttackSummary: Sendable {
  package let rows: [VideoAttackRow]
  package let folder: String
  package let interruptedBy: Int32?

  /// For people.
  package var table: String {
    let interrupted = interruptedBy != nil ? "interrupted: videos without a row have not been attacked\n" : ""
    return interrupted + alignedTable(heading: VideoAttackRow.table.heading, rows: VideoAttackRow.table.cells(of: rows))
  }
  /// For programs.
  package func json() throws -> String { try readableJSON(rows) }
  /// Number of videos that should have been attacked but have no output file.
  package var failed: Int { rows.count { $0.failure != nil } }
}

/// Creates adversarial videos: perturbs faces in the pixels of their frames, encodes with libx264, copies all other
/// streams, and rescans the file.
///
/// Writes `NAME.adversarial.mp4`, `attacked.json` and `attacked.csv`. The same input and settings give the same bytes.
///
/// - Throws: `WorkflowError` when the run itself cannot continue.
package func attackVideos(_ options: VideoAttackOptions) throws -> VideoAttackSummary {
  let model = try loadModel(at: options.modelPath)
  let lock = try OutputLock(folder: options.output)
  defer { withExtendedLifetime(lock) {} }
  let interruption = Interruption.shared
  interruption.install()
  var run = try VideoAttackRun(options, model: model, interruption)
  let rows = try run.attackAll()
  let summary = VideoAttackSummary(rows: rows, folder: options.output, interruptedBy: interruption.signal)
  for (name, bytes) in [
    ("attacked.json", Array(try summary.json().utf8)), ("attacked.csv", VideoAttackRow.table.csv(rows)),
  ] {
    try writeOutput(bytes, to: "\(options.output)/\(name)")
  }
  return summary
}

/// One run of attacks, one video at a time.
private struct VideoAttackRun: ~Copyable {
  private let options: VideoAttackOptions
  private let plan: ScanPlan
  private let attack: ScanAttack
  private let interruption: Interruption
  private var scorer: VideoScorer
  private var transcoder: TranscodeClient

  init(_ options: VideoAttackOptions, model: LoadedModel, _ interruption: Interruption) throws {
    var settings = options.scan
    settings.perturb = options.perturb
    let plan = try ScanPlan(settings: settings, model: model)
    let attack = try ScanAttack(options.perturb, judge: plan.judge, side: model.detector.cropSettings.size)
    guard attack.attack.isWhiteBox else {
      let names = AttackCatalog.all().filter(\.isWhiteBox).map(\.id).joined(separator: ", ")
      throw WorkflowError.usage("\(attack.attack.id) is not a white-box attack through the crop; expected \(names)")
    }
    let scorer = try VideoScorer(plan, settings, batch: 16, followSymlinks: options.followSymlinks)
    self.options = options
    self.plan = plan
    self.attack = attack
    self.interruption = interruption
    self.scorer = scorer
    transcoder = TranscodeClient(
      detector: settings.faceDetector, timeoutSeconds: settings.timeoutSeconds,
      memoryMiB: settings.decoderMemoryMiB, followSymlinks: options.followSymlinks)
  }

  mutating func attackAll() throws -> [VideoAttackRow] {
    let inputs = try AttackedFiles(options)
    let outputs = inputs.pairs.map { URL(filePath: $0.output).lastPathComponent }
    try ProductMarker.mark(outputs + ["attacked.json", "attacked.csv", ".assay.lock"], in: options.output)
    let progress = ProgressLine(unit: "frames", quiet: options.quiet)
    defer { progress.finish() }
    var rows: [VideoAttackRow] = []
    for (path, output) in inputs.pairs where !interruption.isRequested {
      var row = VideoAttackRow(
        path: String(decoding: path, as: UTF8.self), attack: attack.attack.id, norm: attack.attack.norm.rawValue,
        epsilon: Double(options.perturb.epsilon), robustToCodec: options.robustToCodec, crf: options.crf)
      do {
        try attack(path, to: output, &row, progress)
      } catch let error as WorkflowError {
        guard case .input(_, let why) = error else { throw error }
        row.failure = why
      }
      // Partial results of an interrupted video are not reported.
      if interruption.isRequested, row.coded == nil { break }
      rows.append(row)
    }
    return rows
  }

  private mutating func attack(
    _ path: [UInt8], to output: String, _ row: inout VideoAttackRow, _ progress: ProgressLine
  ) throws {
    let clean = try scorer.score(path)
    let before = scorer.record(clean).finding
    guard before.verdict != .failed else { throw WorkflowError.input(path: row.path, why: before.message ?? "") }
    row.clean = .init(score: before.score, verdict: before.verdict)
    row.cleanDetection = DetectionRecord(clean.file)
    guard before.score != nil else {
      row.warnings.append("no face to attack")
      return
    }
    progress.setTotal(clean.file.info?.frameCount ?? 0)
    progress.set(done: 0, note: row.path)
    let spool = try PatchSpool(in: options.output)
    let perturbed = try perturb(path, clean, awayFrom: before.verdict == .real ? .real : .fake, spool, progress)
    guard !interruption.isRequested else { return }
    if let perturbed, let judgement = try plan.judge.judgement(of: clean.file, logits: perturbed) {
      row.perturbed = .init(score: judgement.score, verdict: judgement.verdict)
    } else {
      row.warnings.append("full decoding does not reproduce the frames that the scan sampled")
    }
    try write(path, to: output, spool, &row)
    try rescan(output, &row)
  }

  /// Perturbs the faces of all frames and appends the patches to the spool.
  ///
  /// - Returns: logits of the perturbed faces sampled by the scan, in its order; nil when one of them is missing.
  private mutating func perturb(
    _ path: [UInt8], _ clean: ScoredVideo, awayFrom truth: TrueClass, _ spool: PatchSpool, _ progress: ProgressLine
  ) throws -> [Float]? {
    let attacker = try PatchAttacker(
      plan, attack, awayFrom: truth, expecting: options.robustToCodec ? options.crf : nil, workers: options.workers)
    let request = WatchRequest(
      faces: plan.request.faces, framing: plan.request.framing, cropSize: plan.request.cropSize,
      known: clean.file.frames.map { .init(pts: $0.pts, faces: $0.faces.map(\.box)) },
      cpuSeconds: options.scan.timeoutSeconds)
    var waiting: [(frame: TranscodeFrame, face: PatchAttacker.Face)] = []
    var known: [Int64: [Float]] = [:]
    func attackWaiting() throws {
      let results = try attacker.attack(waiting.map(\.face))
      for ((frame, _), result) in zip(waiting, results) {
        try spool.append(result.patch, packet: frame.packet)
        if frame.isKnown { known[frame.pts, default: []].append(result.logit) }
      }
      waiting = []
    }
    var stopped: Interrupted?
    do {
      try transcoder.watch(path, request) { frame, faces in
        if interruption.isRequested { throw Interrupted() }
        for (index, face) in faces.enumerated() {
          waiting.append(
            (frame, .init(crop: face.crop, pixels: face.pixels, item: frame.packet << 8 | index)))
        }
        if waiting.count >= attacker.batch { try attackWaiting() }
        progress.advance()
      }
    } catch let error as Interrupted {
      stopped = error
    }
    guard stopped == nil else { return nil }
    try attackWaiting()
    var logits: [Float] = []
    for frame in clean.file.frames where !frame.faces.isEmpty {
      guard let found = known[frame.pts], found.count == frame.faces.count else { return nil }
      logits += found
    }
    return logits
  }

  private struct Interrupted: Error {}

  private mutating func write(
    _ path: [UInt8], to output: String, _ spool: PatchSpool, _ row: inout VideoAttackRow
  ) throws {
    var settings = TranscodeSettings(
      crf: options.crf,
      comment: "TEST MATERIAL: adversarial video made by assay \(assayVersion) (\(attack.attack.id), "
        + "\(attack.attack.norm.rawValue) \(options.perturb.epsilon)); its faces were perturbed to mislead a classifier"
    )
    settings.preset = options.preset
    var file = try TranscodeOutput(output)
    let report = try transcoder.rewrite(path, settings, patches: spool) { bytes, position in
      try file.write(bytes, at: position)
    }
    try file.publish()
    row.output = output
    row.frames = report.frames
    row.perturbedFrames = report.patchedFrames
    row.perturbedPSNR = report.patched.psnr
    row.codedPSNR = report.coded.psnr
    row.copiedStreams = report.copiedStreams
    if !report.leftOut.isEmpty {
      row.warnings.append("MP4 does not take: \(report.leftOut.joined(separator: ", "))")
    }
    if report.droppedPackets > 0 { row.warnings.append("\(report.droppedPackets) packets had decreasing timestamps") }
    if report.decodeErrors > 0 { row.warnings.append("the decoder reported \(report.decodeErrors) errors") }
  }

  /// Scans the output file.
  private mutating func rescan(_ output: String, _ row: inout VideoAttackRow) throws {
    let coded = try scorer.score(Array(output.utf8))
    let after = scorer.record(coded).finding
    guard after.verdict != .failed else {
      throw WorkflowError.input(path: output, why: "the output file: \(after.message ?? "")")
    }
    let detection = DetectionRecord(coded.file)
    var verdict = after.verdict
    if let before = row.cleanDetection, detection.isBlinded(since: before) {
      verdict = detection.guarded(verdict, since: before)
      row.warnings.append("the face detector lost more than half of the faces, which is no evidence for a real video")
    }
    row.codedDetection = detection
    row.coded = .init(score: after.score, verdict: verdict)
    row.setSurvival()
  }
}
