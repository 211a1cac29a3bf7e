import Files
import Glibc

/// Lines of a file or of standard input as bytes, because a path need not be UTF-8. Holds one line in memory at a time.
package struct ByteLines: ~Copyable {
  private var buffer: UnsafeMutablePointer<CChar>?
  private var capacity = 0
  /// Nil when there is no standard input.
  private let file: UnsafeMutablePointer<FILE>?
  private let path: String

  private init(_ file: UnsafeMutablePointer<FILE>?, path: String) {
    self.file = file
    self.path = path
  }

  package static func ofStandardInput() -> ByteLines { ByteLines(fdopen(STDIN_FILENO, "r"), path: "standard input") }

  /// - Throws: `WorkflowError.input` when the file cannot be opened.
  package init(path: String) throws(WorkflowError) {
    guard let file = fopen(path, "re") else {
      throw .input(path: path, why: explanation(ofErrno: errno))
    }
    self.init(file, path: path)
  }

  deinit {
    free(buffer)
    if let file { fclose(file) }
  }

  /// - Returns: the next line without its line feed; nil at the end.
  /// - Throws: `WorkflowError.input` when reading fails: what cannot be read is not the end.
  package mutating func next() throws(WorkflowError) -> [UInt8]? {
    guard let file else { return nil }
    let count = getline(&buffer, &capacity, file)
    guard count > 0, let buffer else {
      if ferror(file) != 0 { throw .input(path: path, why: explanation(ofErrno: errno)) }
      return nil
    }
    let line = UnsafeRawBufferPointer(start: buffer, count: count)
    return Array(line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...])
  }
}
