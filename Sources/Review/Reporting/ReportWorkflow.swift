import Files
import Foundation
import Pipeline
import Reports
import Runs
import Scoring
import Verdicts

/// Creates an HTML page for a run, with pictures of the flagged videos.
///
/// The flagged videos are decoded again in decoder processes, as in a scan; a file that differs from the scanned one
/// gets no pictures.
///
/// - Throws: `WorkflowError` when there is no manifest, the model is not the run's, or the page cannot be written.
package func makeReport(_ options: ReportOptions) throws -> ReportSummary {
  do { return try report(options) } catch { throw WorkflowError.explaining(error) }
}

private func report(_ options: ReportOptions) throws -> ReportSummary {
  let run = try ReportedRun(folder: options.run)
  let path = options.outputPath
  let folder = URL(filePath: path).deletingLastPathComponent().path
  let lock = try OutputLock(folder: folder)
  defer { withExtendedLifetime(lock) {} }
  let wanted = run.worthPictures(includesReal: options.includesReal)
  let chosen = Array(wanted.prefix(options.pictures))
  var page = ScanReport(run.manifest, manifestSHA256: run.sha256, files: run.files(options.moves))
  let clips = options.clips && !chosen.isEmpty ? ClipFolder(besidePage: path) : nil
  if let clips {
    try makeOutputFolder(clips.path)
    let names = chosen.flatMap { clips.names(of: run.manifest.videos[$0]) }
    try ProductMarker.mark(names, in: clips.path)
  }
  if !chosen.isEmpty {
    let model = try model(of: run, options)
    page.heatMaps = try run.explainer(model).explanations
    page.evidence = try collect(chosen, of: run, model: model, clips: clips, options)
  }
  let cut = page.evidence.values.flatMap(\.clips)
  page.notes = notes(page.evidence, wanted: wanted.count, asked: chosen.count, options)
  var file = try AtomicFile(replacing: path)
  var bytes = 0
  try page.write { part in
    bytes += part.count
    try file.write(part)
  }
  try file.publish()
  try ProductMarker.mark([URL(filePath: path).lastPathComponent, ".assay.lock"], in: folder)
  clips?.remove(except: Set(cut.map { String($0.link.split(separator: "/").last ?? "") }))
  return ReportSummary(
    path: path, bytes: bytes, videos: run.manifest.videos.count, pictured: page.evidence.count, clips: cut.count,
    notes: page.notes, interruptedBy: Interruption.shared.signal)
}

/// Loads the run's own model, because heat maps of another model would explain nothing.
private func model(of run: ReportedRun, _ options: ReportOptions) throws(WorkflowError) -> LoadedModel {
  let model = try loadModel(at: options.modelPath)
  let used = run.manifest.run.context.model
  guard model.sha256 == used.sha256 else {
    throw .settings(
      "the run was made with the model '\(used.name)' (SHA-256 \(used.sha256)), not with "
        + "\(options.modelPath ?? "the built-in one"): name its file with --model, or omit pictures with "
        + "--pictures 0")
  }
  return model
}

private func collect(
  _ chosen: [Int], of run: ReportedRun, model: LoadedModel, clips: ClipFolder?, _ options: ReportOptions
) throws -> [Int: VideoEvidence] {
  let interruption = Interruption.shared
  interruption.install()
  let pipeline = PipelineRun()
  interruption.onRequest { pipeline.stop() }
  let faults = FaultLog()
  let videos = run.manifest.videos
  let rows: BoundedQueue<EvidenceStage.Input> = pipeline.source("rows", capacity: 4) { emit in
    for number in chosen where !emit(.init(number: number, record: videos[number])) { return }
  }
  let pictures = pipeline.attach(
    to: rows, workers: min(options.workers, chosen.count), capacity: 4,
    make: { _ in try EvidenceStage(run, model: model, clips: clips, moves: options.moves) },
    onFailure: { _, failure, _ in
      faults.record(failure.underlying)
      pipeline.cancel()
    })
  let progress = ProgressLine(unit: "videos", total: chosen.count, quiet: options.quiet)
  defer { progress.finish() }
  var evidence: [Int: VideoEvidence] = [:]
  while let output = pictures.pop() {
    evidence[output.number] = output.evidence
    progress.advance(note: "pictures")
  }
  pipeline.wait()
  if let fault = faults.first ?? pipeline.faults.first { throw fault }
  return evidence
}

/// Notes on what the page omits.
private func notes(
  _ evidence: [Int: VideoEvidence], wanted: Int, asked: Int, _ options: ReportOptions
) -> [String] {
  var notes: [String] = []
  let kinds = options.includesReal ? "videos with a score" : "flagged and undecided videos"
  if wanted > asked, asked == 0 {
    notes.append("Pictures were disabled; \(wanted) \(kinds) have scores over time only (--pictures).")
  } else if wanted > asked {
    notes.append(
      "Pictures are included for \(asked) of the \(wanted) \(kinds), the most suspicious first; the others have scores over "
        + "time only (--pictures).")
  }
  if evidence.count < asked {
    notes.append(
      "The report was interrupted: \(asked - evidence.count) videos lack their pictures.")
  }
  if options.clips, evidence.values.allSatisfy({ $0.clips.isEmpty }) {
    notes.append("There are no clips: no face of these videos reaches the threshold for fake.")
  }
  let problems = evidence.sorted { $0.key < $1.key }.compactMap(\.value.problem)
  if let first = problems.first {
    let others = problems.count > 1 ? " (the first of them)" : ""
    let videos = problems.count == 1 ? "1 video" : "\(problems.count) videos"
    notes.append("Pictures are missing of \(videos). \(first)\(others)")
  }
  return notes
}
