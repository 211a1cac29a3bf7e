import Files

/// Writes the four manifests of a run into one folder.
///
/// Rows go to a partial `manifest.jsonl` as they arrive. The other files are made from it at the end, and all get
/// their names together when every one is complete and on the disk, so a full disk leaves the manifests of the run
/// before. Memory holds a path and a position a row, no rows.
public struct ManifestWriter: ~Copyable {
  private struct Row {
    let path: VideoPath
    let offset: Int
    let count: Int
  }

  public let folder: String
  /// The rows so far.
  public private(set) var summary = RunSummary()

  private var lines: AppendingFile
  private var rows: [Row] = []

  /// - Parameter folder: made when it is missing.
  public init(folder: String) throws {
    self.folder = folder
    try OutputFolder.create(folder)
    lines = try AppendingFile("\(folder)/manifest.jsonl")
  }

  /// Adds one video; each path comes once.
  public mutating func append(_ record: VideoRecord) throws {
    try append(try ManifestJSON.line(record), of: record)
  }

  /// Adds a video with a line that an earlier run made.
  public mutating func append(line: [UInt8]) throws -> VideoRecord {
    let record = try ManifestJSON.record(line: line, file: lines.path)
    try append(line, of: record)
    return record
  }

  private mutating func append(_ line: [UInt8], of record: VideoRecord) throws {
    let offset = lines.end
    try lines.append(line)
    rows.append(Row(path: record.source.path, offset: offset, count: line.count))
    summary.add(record.finding)
  }

  /// Makes the remaining files and gives all of them their names.
  ///
  /// - Parameters:
  ///   - header: of the run; its counts should be `summary`.
  ///   - missingLabel: P(fake) in `submission.csv` of a video without a score; nil leaves it out.
  ///   - canaries: go into `manifest.json` alone, apart from the videos.
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
    try table.write(ManifestCSV.header)
    try submission.write(SubmissionCSV.header)
    for (index, row) in rows.enumerated() {
      let line = try lines.read(at: row.offset, count: row.count)
      try json.write(Array((index == 0 ? "\n" : ",\n").utf8) + line.dropLast())
      let record = try ManifestJSON.record(line: line, file: lines.path)
      try table.write(ManifestCSV.row(record))
      try submission.write(labels.row(record))
    }
    try json.write(try ManifestJSON.closing(canaries))

    try json.complete()
    try table.complete()
    try submission.complete()
    try lines.publish()
    try table.publish()
    try submission.publish()
    // Last: who sees a new manifest.json finds the others new too.
    try json.publish()
  }
}
