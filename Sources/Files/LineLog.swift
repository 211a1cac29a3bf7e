import FoundationEssentials
import Glibc

/// A JSON Lines file that a run appends to, so that an interrupted run can resume.
///
/// Each line is one write, so a killed process leaves complete lines, except possibly the last one. Used by one thread at
/// a time.
public final class LineLog<Line: Codable & Sendable>: Sendable {
  public let path: String
  /// Lines of an earlier run.
  public let found: [Line]
  private let file: OutputFile

  /// Opens a log, or creates it. Truncates it before the first line that cannot be decoded.
  public init(path: String) throws(FilesError) {
    self.path = path
    file = try OutputFile(resuming: path)
    let text = try file.read(at: 0, count: try file.length())
    let decoder = JSONDecoder()
    var lines: [Line] = []
    var whole = 0
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      guard let value = try? decoder.decode(Line.self, from: Data(line)) else { break }
      lines.append(value)
      whole += line.count + 1
    }
    try file.truncate(to: whole)
    found = lines
  }

  /// - Throws: `FilesError`; `EncodingError` for a number that JSON cannot represent.
  public func append(_ line: Line) throws { try file.write(try JSONEncoder.line(line)) }
}
