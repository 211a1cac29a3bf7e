import Files
package import Foundation

/// JSON values, one a line, that a run writes down as it finds them, to go on from after it was stopped.
///
/// Each line is one write, so a process that is killed leaves whole lines, but perhaps for the last one. Appending is for
/// one thread at a time.
package struct LineLog<Line: Codable & Sendable>: Sendable {
  package let path: String
  /// What an earlier run left.
  package let found: [Line]
  private let handle: FileHandle

  /// Opens a log, or starts it. A line that cannot be read ends what is known: it and what is behind it is cut off.
  ///
  /// - Throws: `WorkflowError.output`.
  package init(path: String) throws(WorkflowError) {
    self.path = path
    var lines: [Line] = []
    var whole = 0
    do {
      let url = URL(filePath: path)
      if !FileManager.default.fileExists(atPath: path) { try Data().write(to: url) }
      let decoder = JSONDecoder()
      for text in try Data(contentsOf: url).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .dropLast()
      {
        guard let line = try? decoder.decode(Line.self, from: text) else { break }
        lines.append(line)
        whole += text.count + 1
      }
      handle = try FileHandle(forUpdating: url)
      try handle.truncate(atOffset: UInt64(whole))
    } catch {
      throw .output(path: path, why: explanation(of: error))
    }
    found = lines
  }

  /// - Throws: `WorkflowError.output`, also for a number that JSON cannot hold.
  package func append(_ line: Line) throws(WorkflowError) {
    do {
      var data = try JSONEncoder.sorted.encode(line)
      data.append(UInt8(ascii: "\n"))
      try handle.write(contentsOf: data)
    } catch {
      throw .output(path: path, why: explanation(of: error))
    }
  }
}

extension JSONEncoder {
  package static var sorted: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
