import Glibc
import Synchronization

/// A file that appears under its name only when it is complete and on the disk; until then an older one stays.
///
/// Released without `publish()`, it leaves nothing behind.
public struct AtomicFile: ~Copyable {
  private static let bufferBytes = 64 << 10
  private static let counter = Atomic(0)

  /// Programs on several machines may write to one folder, and share a process number.
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
  public init(replacing path: String) throws(VerdictsError) {
    self.path = path
    let folder = OutputFolder.containing(path)
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
    let number = Self.counter.add(1, ordering: .relaxed).newValue
    temporaryPath = "\(folder)/.\(name).\(Self.hostName).\(getpid()).\(number).tmp"
    // Left by a program of the same process number that was killed.
    unlink(temporaryPath)
    file = try OutputFile(creating: temporaryPath, for: path, exclusive: true)
  }

  deinit {
    if !isPublished { unlink(temporaryPath) }
  }

  public mutating func write(_ bytes: [UInt8]) throws(VerdictsError) {
    buffer += bytes
    if buffer.count >= Self.bufferBytes { try writeBuffer() }
  }

  /// Waits until all that was written is on the disk, still under the temporary name.
  public mutating func complete() throws(VerdictsError) {
    try writeBuffer()
    try file.synchronize()
  }

  /// Completes the file and gives it its name.
  public consuming func publish() throws(VerdictsError) {
    try complete()
    try OutputFolder.rename(temporaryPath, to: path)
    isPublished = true
    try OutputFolder.synchronize(OutputFolder.containing(path))
  }

  private mutating func writeBuffer() throws(VerdictsError) {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
