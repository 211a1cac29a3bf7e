import Files
import Foundation

/// JSON values, one per line; a last line without a line feed is an interrupted write.
enum LineFile {
  struct Line<Value> {
    var value: Value
    /// Bytes of the file up to and including this line.
    var end: Int
  }

  /// The complete lines of a file; none if the file does not exist.
  ///
  /// - Parameter upTo: maximum number of lines.
  static func read<Value: Decodable>(
    _: Value.Type, path: String, upTo limit: Int = .max
  ) throws(DatasetsError) -> [Line<Value>] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .file(path: path, problem: "cannot be read: \(explanation(of: error))")
    }
    var lines: [Line<Value>] = []
    var start = data.startIndex
    let decoder = JSONDecoder()
    while lines.count < limit, let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
      do {
        lines.append(Line(value: try decoder.decode(Value.self, from: data[start..<end]), end: end + 1))
      } catch {
        throw .format(path: path, line: lines.count + 1, problem: "is damaged: \(explanation(of: error))")
      }
      start = end + 1
    }
    return lines
  }

  static func encoded(_ values: [some Encodable]) throws -> [UInt8] {
    try values.flatMap { try JSONEncoder.line($0) }
  }
}
