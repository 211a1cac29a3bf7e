public import FoundationEssentials
import Glibc
import Synchronization

/// A file that appears under its name only when complete and on disk; until then, an older file remains.
///
/// Without `publish()`, it is removed.
public struct AtomicFile: ~Copyable {
  private static let bufferBytes = 64 << 10
  private static let counter = Atomic(0)

  /// Processes on several machines may write to one folder with equal process ids.
  private static let hostName: String = {
    var name = [CChar](repeating: 0, count: 65)
    guard gethostname(&name, 64) == 0 else { return "host" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  public let path: String
  private let temporaryPath: String
  private let file: OutputFile
  private var buffer: [UInt8] = []
  private var isPublished = false

  /// Begins a file under a temporary name in the same folder.
  public init(replacing path: String) throws(FilesError) {
    self.path = path
    let folder = OutputFolder.containing(path)
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
    let number = Self.counter.add(1, ordering: .relaxed).newValue
    temporaryPath = "\(folder)/.\(name).\(Self.hostName).\(getpid()).\(number).tmp"
    // May be left by a killed process with the same id.
    unlink(temporaryPath)
    file = try OutputFile(creating: temporaryPath, for: path, exclusive: true)
  }

  deinit {
    if !isPublished { unlink(temporaryPath) }
  }

  /// Writes a complete file: a reader sees the old or the new content, never a part.
  public static func write(_ bytes: some ContiguousBytes, to path: String) throws(FilesError) {
    var file = try AtomicFile(replacing: path)
    try file.write(bytes)
    try file.publish()
  }

  /// Writes a complete file in UTF-8.
  public static func write(_ text: String, to path: String) throws(FilesError) {
    try write(Array(text.utf8), to: path)
  }

  public mutating func write(_ bytes: some ContiguousBytes) throws(FilesError) {
    guard bytes.withUnsafeBytes({ $0.count }) < Self.bufferBytes else {
      try writeBuffer()
      return try file.write(bytes)
    }
    bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    if buffer.count >= Self.bufferBytes { try writeBuffer() }
  }

  /// Waits until the content is on disk, still under the temporary name.
  public mutating func complete() throws(FilesError) {
    try writeBuffer()
    try file.synchronize()
  }

  /// Completes the file and renames it to its final name.
  public consuming func publish() throws(FilesError) {
    try complete()
    try OutputFolder.rename(temporaryPath, to: path)
    isPublished = true
    try OutputFolder.synchronize(OutputFolder.containing(path))
  }

  private mutating func writeBuffer() throws(FilesError) {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
