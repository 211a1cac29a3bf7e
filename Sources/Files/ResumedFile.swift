public import FoundationEssentials

/// A file that grows under its own name; opening it again cuts off what an interrupted run left incomplete.
///
/// Used by one thread at a time.
public struct ResumedFile: ~Copyable {
  private let file: OutputFile

  /// Opens the file, or creates it.
  ///
  /// - Parameter length: bytes to keep.
  public init(_ path: String, keeping length: Int) throws(FilesError) {
    let opened = try OutputFile(resuming: path)
    try opened.truncate(to: length)
    file = opened
  }

  public func append(_ bytes: some ContiguousBytes) throws(FilesError) { try file.write(bytes) }

  /// Waits until all bytes are on disk.
  public func synchronize() throws(FilesError) { try file.synchronize() }
}
