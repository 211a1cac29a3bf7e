import Files

/// `manifest.csv`: one row per video, with the flat columns only.
enum ManifestCSV {
  static var header: [UInt8] {
    var row = CSVRow()
    for name in columns { row.add(exact: name) }
    return row.bytes
  }

  static let columns = [
    "path", "pathBytes", "verdict", "score", "reason", "message", "tracks", "framesAsked", "framesDecoded",
    "framesWithFaces", "durationSeconds", "segmentsMs", "warnings", "sizeBytes", "mtime", "sha256", "thresholdReal",
    "thresholdFake", "model", "modelSha256", "detector", "decoder", "settingsHash", "perturbation", "cleanScore",
    "perturbedScore", "marginLevels", "recompressedLowest", "recompressedHighest", "recompressedTurns",
    "perturbedInput", "secondOpinion",
  ]

  /// The cells in the order of `columns`.
  static func row(_ record: VideoRecord) -> [UInt8] {
    let (source, content, finding, context) = (record.source, record.content, record.finding, record.context)
    var row = CSVRow()
    row.add(untrusted: source.path.text)
    row.add(untrusted: source.path.percentEncoded ?? "")
    row.add(exact: finding.verdict.rawValue)
    row.add(finding.score)
    row.add(exact: finding.reason?.rawValue ?? "")
    row.add(untrusted: finding.message ?? "")
    row.add(finding.tracks.count)
    row.add(content.frames.asked)
    row.add(content.frames.decoded)
    row.add(content.frames.withFaces)
    row.add(content.durationSeconds)
    row.add(exact: finding.segments.map { "\($0.startMs)-\($0.endMs)" }.joined(separator: ";"))
    row.add(exact: record.warnings.map(\.code.rawValue).joined(separator: ";"))
    row.add(source.sizeBytes)
    row.add(exact: source.mtime?.description ?? "")
    row.add(exact: source.sha256 ?? "")
    row.add(context.thresholds.real)
    row.add(context.thresholds.fake)
    row.add(untrusted: context.model.name)
    row.add(exact: context.model.sha256)
    row.add(untrusted: context.detector)
    row.add(untrusted: context.decoder.name)
    row.add(exact: context.settings.hash)
    row.add(untrusted: record.perturbation?.attack ?? "")
    row.add(record.cleanScore)
    row.add(record.perturbedScore)
    row.add(record.margin?.levels)
    row.add(record.recompression?.lowest)
    row.add(record.recompression?.highest)
    row.add(exact: record.recompression.map { "\($0.turns)" } ?? "")
    row.add(exact: record.perturbedInput.map { "\($0.isFlagged)" } ?? "")
    row.add(record.secondOpinion?.score)
    return row.bytes
  }
}

/// `submission.csv` as DFDC's scoring wants it: `filename,label`, the label being P(fake).
///
/// File names stand as they are, without protection from spreadsheets: programs match them.
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

  /// - Parameter paths: of all rows: a name that several of them have is written with its folders.
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
