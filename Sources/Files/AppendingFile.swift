import Glibc

/// A file that grows by whole lines under a temporary name, `.NAME.partial`, and gets its own name at the end.
///
/// Each line is one write, so a program that is killed leaves complete lines; a line that does not fit on the disk is
/// taken back. What was written is not removed when the file is never published: it may be all there is of a night.
public struct AppendingFile: ~Copyable {
  public let path: String
  private let temporaryPath: String
  private let file: OutputFile
  private var length = 0

  public init(_ path: String) throws(FilesError) {
    self.path = path
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
    temporaryPath = "\(OutputFolder.containing(path))/.\(name).partial"
    file = try OutputFile(creating: temporaryPath, for: path, exclusive: false)
  }

  /// Where the next line will begin, in bytes.
  public var end: Int { length }

  /// - Parameter line: with its line feed.
  public mutating func append(_ line: [UInt8]) throws(FilesError) {
    do throws(FilesError) {
      try file.write(line)
    } catch {
      // The first error is the one to tell; if this fails too, the torn line is the last one.
      try? file.truncate(to: length)
      throw error
    }
    length += line.count
  }

  /// Reads back what was appended.
  public func read(at offset: Int, count: Int) throws(FilesError) -> [UInt8] {
    try file.read(at: offset, count: count)
  }

  /// Waits until all lines are on the disk.
  public func synchronize() throws(FilesError) {
    try file.synchronize()
  }

  /// Flushes the file and gives it its name.
  public consuming func publish() throws(FilesError) {
    try synchronize()
    try OutputFolder.rename(temporaryPath, to: path)
    try OutputFolder.synchronize(OutputFolder.containing(path))
  }
}
