import FoundationEssentials
import Glibc

/// An open output file; errors name the path and the call.
struct OutputFile: ~Copyable, Sendable {
  /// Final path of the file, for errors.
  let path: String
  private let descriptor: CInt

  /// Creates the file, or truncates an existing one, for reading and writing.
  ///
  /// - Parameters:
  ///   - temporaryPath: current path.
  ///   - path: final path.
  ///   - exclusive: whether an existing file is an error, `EEXIST`.
  init(creating temporaryPath: String, for path: String, exclusive: Bool) throws(FilesError) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (exclusive ? O_EXCL : O_TRUNC)
    let opened = open(temporaryPath, flags, 0o666)
    guard opened >= 0 else { throw FilesError(path: path, call: "open", errno: errno) }
    self.init(path: path, descriptor: opened)
  }

  /// Opens a file for appending, or creates it.
  init(resuming path: String) throws(FilesError) {
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else { throw FilesError(path: path, call: "open", errno: errno) }
    self.init(path: path, descriptor: opened)
  }

  /// Takes ownership of an open descriptor.
  init(path: String, descriptor: CInt) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Size of the file in bytes.
  func length() throws(FilesError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FilesError(path: path, call: "fstat", errno: errno) }
    return Int(status.st_size)
  }

  /// Writes `bytes` at the current position.
  func write(_ bytes: some ContiguousBytes) throws(FilesError) {
    let total = bytes.withUnsafeBytes { $0.count }
    var written = 0
    while written < total {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw FilesError(path: path, call: "write", errno: errno)
      }
    }
  }

  /// Reads exactly `count` bytes.
  func read(at offset: Int, count: Int) throws(FilesError) -> [UInt8] {
    var failure: CInt?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let result = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, offset + filled)
        if result > 0 {
          filled += result
        } else if result == 0 || errno != EINTR {
          // A file that is shorter than its written content is damaged.
          failure = result == 0 ? EIO : errno
          return
        }
      }
    }
    if let failure { throw FilesError(path: path, call: "pread", errno: failure) }
    return bytes
  }

  /// Truncates the file to `length` bytes and continues writing there.
  func truncate(to length: Int) throws(FilesError) {
    guard ftruncate(descriptor, length) == 0, lseek(descriptor, length, SEEK_SET) == length else {
      throw FilesError(path: path, call: "ftruncate", errno: errno)
    }
  }

  /// Waits until the content is on disk.
  func synchronize() throws(FilesError) {
    guard fsync(descriptor) == 0 else { throw FilesError(path: path, call: "fsync", errno: errno) }
  }
}
