import Digests
import Runs
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

  /// Calls `body` for the rows of a manifest with one of the verdicts, in the manifest's order.
  ///
  /// - Parameter path: path of a `manifest.jsonl`.
  /// - Throws: `WorkflowError.input` when it cannot be read, `VerdictsError` when a line is not a row, errors of
  ///   `body`.
  package static func forEach(
    in path: String, verdicts: Set<Verdict>, _ body: (FlaggedVideo) throws -> Void
  ) throws {
    var lines = try ByteLines(path: path)
    while let line = try lines.next() {
      let record = try ManifestJSON.record(line: line, file: path)
      if verdicts.contains(record.finding.verdict) { try body(FlaggedVideo(record, line: line)) }
    }
  }
}
