import FoundationEssentials
import Glibc

/// An open file of the output; every failure names the path and the call.
struct OutputFile: ~Copyable, Sendable {
  /// What errors call the file: the name that it will have.
  let path: String
  private let descriptor: CInt

  /// Makes the file, or empties the one that is there, readable and writable.
  ///
  /// - Parameters:
  ///   - temporaryPath: the name that it has for now.
  ///   - path: the name that it will have.
  ///   - exclusive: whether a file that is there is an error, `EEXIST`.
  init(creating temporaryPath: String, for path: String, exclusive: Bool) throws(FilesError) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (exclusive ? O_EXCL : O_TRUNC)
    let opened = open(temporaryPath, flags, 0o666)
    guard opened >= 0 else { throw FilesError(path: path, call: "open", errno: errno) }
    self.init(path: path, descriptor: opened)
  }

  /// Opens a file to add to it, or makes it.
  init(resuming path: String) throws(FilesError) {
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard opened >= 0 else { throw FilesError(path: path, call: "open", errno: errno) }
    self.init(path: path, descriptor: opened)
  }

  /// Takes over an open descriptor.
  init(path: String, descriptor: CInt) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Bytes in the file.
  func length() throws(FilesError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FilesError(path: path, call: "fstat", errno: errno) }
    return Int(status.st_size)
  }

  /// Writes all of `bytes` at the current end.
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

  /// Reads back exactly `count` bytes.
  func read(at offset: Int, count: Int) throws(FilesError) -> [UInt8] {
    var failure: CInt?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let result = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, offset + filled)
        if result > 0 {
          filled += result
        } else if result == 0 || errno != EINTR {
          // A file that has become shorter than what was written to it is damaged.
          failure = result == 0 ? EIO : errno
          return
        }
      }
    }
    if let failure { throw FilesError(path: path, call: "pread", errno: failure) }
    return bytes
  }

  /// Cuts the file off after `length` bytes and goes on writing there.
  func truncate(to length: Int) throws(FilesError) {
    guard ftruncate(descriptor, length) == 0, lseek(descriptor, length, SEEK_SET) == length else {
      throw FilesError(path: path, call: "ftruncate", errno: errno)
    }
  }

  /// Waits until the content is on the disk.
  func synchronize() throws(FilesError) {
    guard fsync(descriptor) == 0 else { throw FilesError(path: path, call: "fsync", errno: errno) }
  }
}
