import Digests
package import Runs
package import Verdicts

/// A row of a manifest in the form sent to receivers.
package struct FlaggedVideo: Sendable {
  /// Id of the finding: equal path, content, verdict, score and model yield an equal id, whenever they were scanned.
  package let id: String
  package let record: VideoRecord
  /// The row as in `manifest.jsonl`, without its line feed.
  package let line: [UInt8]

  init(_ record: VideoRecord, line: [UInt8]) {
    self.record = record
    self.line = line
    let finding = record.finding
    let parts = [
      record.source.sha256 ?? "", finding.verdict.rawValue, finding.score.map { "\($0)" } ?? "",
      record.context.model.sha256,
    ]
    let bytes = parts.flatMap { Array($0.utf8) + [0] } + record.source.path.bytes
    id = "f_" + SHA256.hexadecimal(of: bytes).prefix(32)
  }

  private init(id: String, record: VideoRecord, line: [UInt8]) {
    (self.id, self.record, self.line) = (id, record, line)
  }

  /// With the present path in its row.
  private func moved(_ moves: MovedRoots) throws(VerdictsError) -> FlaggedVideo {
    var record = record
    record.source.path = VideoPath(moves.path(record.source.path.bytes))
    record.source.root = record.source.root.map { VideoPath(moves.path($0.bytes)) }
    return FlaggedVideo(id: id, record: record, line: try ManifestJSON.line(record).dropLast())
  }

  /// Calls `body` for the rows of a manifest with one of the verdicts, in the manifest's order.
  ///
  /// - Parameters:
  ///   - path: path of a `manifest.jsonl`.
  ///   - moves: folders that were moved since the scan; ids stay those of the recorded paths.
  /// - Throws: `WorkflowError.input` when it cannot be read, `VerdictsError` when a line is not a row, errors of
  ///   `body`.
  package static func forEach(
    in path: String, verdicts: Set<Verdict>, moves: MovedRoots = MovedRoots(), _ body: (FlaggedVideo) throws -> Void
  ) throws {
    var lines = try ByteLines(path: path)
    while let line = try lines.next() {
      let record = try ManifestJSON.record(line: line, file: path)
      guard verdicts.contains(record.finding.verdict) else { continue }
      let video = FlaggedVideo(record, line: line)
      try body(moves.isEmpty ? video : try video.moved(moves))
    }
  }
}
