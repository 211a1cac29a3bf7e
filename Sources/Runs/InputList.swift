import Files
import Foundation

/// Reads input names from a file, as bytes.
package enum InputList {
  /// - Parameter path: the list; `-` is stdin. Names are separated by NUL bytes if there are any, else by line feeds.
  /// - Throws: `WorkflowError.input` when the list cannot be read or holds no name.
  package static func read(_ path: String) throws(WorkflowError) -> [[UInt8]] {
    let bytes: Data
    do {
      bytes =
        path == "-" ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(filePath: path))
    } catch {
      throw .input(path: path, why: explanation(of: error))
    }
    let names = parse(Array(bytes))
    guard !names.isEmpty else { throw .input(path: path, why: "it names no file") }
    return names
  }

  package static func parse(_ bytes: [UInt8]) -> [[UInt8]] {
    let separator = bytes.contains(0) ? 0 : UInt8(ascii: "\n")
    return bytes.split(separator: separator).map { line in
      // Lists written on Windows have CR LF line ends; a name that really ends in CR needs NUL separators.
      separator != 0 && line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : Array(line)
    }.filter { !$0.isEmpty }
  }
}
