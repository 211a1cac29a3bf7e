import Decoder
import Files
import Foundation
import Runs
import Verdicts

/// The rows of one shard: `part-N`, with a header and then rows as in `manifest.jsonl`, sorted by path.
///
/// It is written atomically. A task that runs twice writes the same bytes except for the time.
struct ShardPart: Sendable {
  struct Header: Codable, Sendable, Hashable {
    /// Format version; 1.
    var assayPart = 1
    /// Id of the plan.
    var planId: String
    var shard: Int
    var assayVersion: String
    /// Scan context shared by every row of the part.
    var context: ScanContext
    var modelCard: ModelCardRecord?
    /// Taken before any file of the shard was read.
    var startedAt: Timestamp

    /// Whether both are equal except for the time.
    func isSameWork(as other: Header) -> Bool {
      var other = other
      other.startedAt = startedAt
      return self == other
    }
  }

  let header: Header
  let rows: [(path: VideoPath, line: [UInt8])]

  static func path(of shard: Int, in folder: String) -> String { "\(folder)/part-\(shard)" }

  init(header: Header, rows: [(path: VideoPath, line: [UInt8])]) {
    self.header = header
    self.rows = rows.sorted { $0.path < $1.path }
  }

  /// - Throws: `WorkflowError.input` when the file cannot be read or is not a part.
  init(path: String) throws(WorkflowError) {
    do {
      let lines = try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n"))
      guard let first = lines.first else { throw CocoaError(.fileReadCorruptFile) }
      header = try JSONDecoder().decode(Header.self, from: first)
      rows = try lines.dropFirst().map { line in
        (try JSONDecoder().decode(VideoPath.self, from: line), Array(line) + [UInt8(ascii: "\n")])
      }
    } catch let error as DecodingError {
      throw .input(path: path, why: "not a shard of a scan (\(explanation(of: error)))")
    } catch {
      throw .input(path: path, why: explanation(of: error))
    }
  }

  /// Writes the part to a temporary file, flushes it to disk and renames it.
  func write(to path: String) throws {
    var file = try AtomicFile(replacing: path)
    try file.write(try JSONEncoder.line(header))
    for row in rows { try file.write(row.line) }
    try file.publish()
  }
}
