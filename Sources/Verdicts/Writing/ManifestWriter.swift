import Files

/// Writes the four manifests of a run to one folder.
///
/// Appends rows to a partial `manifest.jsonl` as they arrive. At the end it derives the other files from it, and
/// renames all of them once every one is complete and on disk, so a full disk leaves the previous run's manifests
/// intact. Memory holds one path and one offset per row, but no rows.
public struct ManifestWriter: ~Copyable {
  private struct Row {
    let path: VideoPath
    let offset: Int
    let count: Int
  }

  public let folder: String
  /// Summary of the rows so far.
  public private(set) var summary = RunSummary()
  public private(set) var distribution = RunDistribution()

  private var lines: AppendingFile
  private var rows: [Row] = []

  /// - Parameter folder: created if missing.
  public init(folder: String) throws {
    self.folder = folder
    try OutputFolder.create(folder)
    lines = try AppendingFile("\(folder)/manifest.jsonl")
  }

  /// Appends one video; each path may occur only once.
  public mutating func append(_ record: VideoRecord) throws {
    try append(try ManifestJSON.line(record), of: record)
  }

  /// Appends a video as a line written by an earlier run.
  ///
  /// - Parameter change: may change the record; returns whether it did.
  public mutating func append(
    line: [UInt8], changing change: (inout VideoRecord) -> Bool = { _ in false }
  ) throws -> VideoRecord {
    var record = try ManifestJSON.record(line: line, file: lines.path)
    try append(change(&record) ? try ManifestJSON.line(record) : line, of: record)
    return record
  }

  private mutating func append(_ line: [UInt8], of record: VideoRecord) throws {
    let offset = lines.end
    try lines.append(line)
    rows.append(Row(path: record.source.path, offset: offset, count: line.count))
    summary.add(record.finding)
    distribution.add(record)
  }

  /// Writes the remaining files and renames all of them to their final names.
  ///
  /// - Parameters:
  ///   - header: header of the run; its counts should be those of `summary`.
  ///   - missingLabel: P(fake) in `submission.csv` for a video without a score; nil omits such videos.
  ///   - canaries: written only to `manifest.json`, separate from the videos.
  public consuming func finish(
    header: RunHeader, missingLabel: Double? = nil, canaries: [CanaryRecord] = []
  ) throws {
    rows.sort { $0.path < $1.path }
    try lines.synchronize()

    var json = try AtomicFile(replacing: "\(folder)/manifest.json")
    var table = try AtomicFile(replacing: "\(folder)/manifest.csv")
    var submission = try AtomicFile(replacing: "\(folder)/submission.csv")
    let labels = SubmissionCSV(paths: rows.lazy.map(\.path), missingLabel: missingLabel)
    try json.write(try ManifestJSON.opening(header))
    try table.write(ManifestCSV.table.csvHeading)
    try submission.write(SubmissionCSV.header)
    for (index, row) in rows.enumerated() {
      let line = try lines.read(at: row.offset, count: row.count)
      try json.write(Array((index == 0 ? "\n" : ",\n").utf8) + line.dropLast())
      let record = try ManifestJSON.record(line: line, file: lines.path)
      try table.write(ManifestCSV.table.csvLine(record))
      try submission.write(labels.row(record))
    }
    try json.write(try ManifestJSON.closing(canaries))

    try json.complete()
    try table.complete()
    try submission.complete()
    try lines.publish()
    try table.publish()
    try submission.publish()
    // Last, so that a new manifest.json implies that the other files are new too.
    try json.publish()
  }
}
