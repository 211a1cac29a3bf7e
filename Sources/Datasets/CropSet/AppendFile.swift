import Glibc

/// A file that is written at its end.
struct AppendFile: ~Copyable {
  private let descriptor: Int32
  private let path: String

  /// - Parameter length: bytes to keep; what lies behind them is cut off.
  init(path: String, length: Int) throws(DatasetsError) {
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else { throw Self.failure(path, "opened") }
    guard ftruncate(opened, off_t(length)) == 0, lseek(opened, 0, SEEK_END) == off_t(length) else {
      let error = Self.failure(path, "cut to its \(length) whole bytes")
      close(opened)
      throw error
    }
    self.path = path
    descriptor = opened
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) throws(DatasetsError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path, "written") }
      done += count
    }
  }

  /// Waits until the bytes are on disk.
  func synchronise() throws(DatasetsError) {
    guard fsync(descriptor) == 0 else { throw Self.failure(path, "written to disk") }
  }

  private static func failure(_ path: String, _ what: String) -> DatasetsError {
    .file(path: path, problem: "cannot be \(what): \(String(cString: strerror(errno)))")
  }
}
