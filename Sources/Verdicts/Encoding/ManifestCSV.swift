import Files

/// `manifest.csv`: one row per video, with the flat columns only.
enum ManifestCSV {
  static let table = Table<VideoRecord>([
    .untrusted("path") { $0.source.path.text },
    .untrusted("pathBytes") { $0.source.path.percentEncoded ?? "" },
    .text("verdict") { $0.finding.verdict.rawValue },
    .number("score") { $0.finding.score },
    .text("reason") { $0.finding.reason?.rawValue ?? "" },
    .untrusted("message") { $0.finding.message ?? "" },
    .count("tracks") { $0.finding.tracks.count },
    .count("framesAsked") { $0.content.frames.asked },
    .count("framesDecoded") { $0.content.frames.decoded },
    .count("framesWithFaces") { $0.content.frames.withFaces },
    .number("durationSeconds") { $0.content.durationSeconds },
    .text("segmentsMs") { $0.finding.segments.map { "\($0.startMs)-\($0.endMs)" }.joined(separator: ";") },
    .text("warnings") { $0.warnings.map(\.code.rawValue).joined(separator: ";") },
    .count("sizeBytes") { $0.source.sizeBytes.map { Int($0) } },
    .text("mtime") { $0.source.mtime?.description ?? "" },
    .text("sha256") { $0.source.sha256 ?? "" },
    .number("thresholdReal") { $0.context.thresholds.real },
    .number("thresholdFake") { $0.context.thresholds.fake },
    .untrusted("model") { $0.context.model.name },
    .text("modelSha256") { $0.context.model.sha256 },
    .untrusted("detector") { $0.context.detector },
    .untrusted("decoder") { $0.context.decoder.name },
    .text("settingsHash") { $0.context.settings.hash },
    .untrusted("perturbation") { $0.perturbation?.attack ?? "" },
    .number("cleanScore") { $0.cleanScore },
    .number("perturbedScore") { $0.perturbedScore },
    .count("marginLevels") { $0.margin?.levels },
    .number("recompressedLowest") { $0.recompression?.lowest },
    .number("recompressedHighest") { $0.recompression?.highest },
    .text("recompressedTurns") { $0.recompression.map { "\($0.flips)" } ?? "" },
    .text("perturbedInput") { $0.perturbedInput.map { "\($0.isFlagged)" } ?? "" },
    .number("secondOpinion") { $0.secondOpinion?.score },
    .untrusted("root") { $0.source.root.map { $0.percentEncoded ?? $0.text } ?? "" },
    .text("videoTracks") { record in
      (record.videoTracks ?? []).map { "\($0.stream):\($0.verdict?.rawValue ?? "")" }.joined(
        separator: ";")
    },
    .text("dynamicRange") { $0.dynamicRange?.rawValue ?? "" },
    .count("deinterlacedFrames") { $0.deinterlacedFrames },
    .count("framesLowQuality") { $0.content.frames.lowQuality },
  ])
}

/// `submission.csv` in DFDC's scoring format: `filename,label`, where the label is P(fake).
///
/// File names are exact, without protection from spreadsheets, because programs match them.
struct SubmissionCSV {
  static var header: [UInt8] {
    var row = CSVRow()
    row.add(exact: "filename")
    row.add(exact: "label")
    return row.bytes
  }

  /// Label of a video without a score; nil leaves the cell empty.
  private let missingLabel: Double?
  private let sharedNames: Set<VideoPath>

  /// - Parameter paths: paths of all rows; ambiguous file names are written with their folders.
  init(paths: some Sequence<VideoPath>, missingLabel: Double?) {
    self.missingLabel = missingLabel
    var seen: Set<VideoPath> = []
    var shared: Set<VideoPath> = []
    for path in paths where !seen.insert(path.fileName).inserted { shared.insert(path.fileName) }
    sharedNames = shared
  }

  func row(_ record: VideoRecord) -> [UInt8] {
    let path = record.source.path
    let name = sharedNames.contains(path.fileName) ? path : path.fileName
    var row = CSVRow()
    row.add(exact: name.percentEncoded ?? name.text)
    row.add(record.finding.score ?? missingLabel)
    return row.bytes
  }
}
