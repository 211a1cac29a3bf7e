import Glibc

/// A file that grows by complete lines under a temporary name, `.NAME.partial`, and is renamed at the end.
///
/// Each line is one write, so a killed process leaves complete lines; a line that does not fit on the disk is removed.
/// An unpublished file is kept, because it may be the only record of an unattended run.
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

  /// Offset of the next line in bytes.
  public var end: Int { length }

  /// - Parameter line: including its line feed.
  public mutating func append(_ line: [UInt8]) throws(FilesError) {
    do throws(FilesError) {
      try file.write(line)
    } catch {
      // Reports the first error; if truncation fails too, the last line remains incomplete.
      try? file.truncate(to: length)
      throw error
    }
    length += line.count
  }

  /// Reads appended bytes.
  public func read(at offset: Int, count: Int) throws(FilesError) -> [UInt8] {
    try file.read(at: offset, count: count)
  }

  /// Waits until all lines are on disk.
  public func synchronize() throws(FilesError) {
    try file.synchronize()
  }

  /// Flushes the file and renames it to its final name.
  public consuming func publish() throws(FilesError) {
    try synchronize()
    try OutputFolder.rename(temporaryPath, to: path)
    try OutputFolder.synchronize(OutputFolder.containing(path))
  }
}
