import CPosix
import Glibc

/// A regular file, open for reading; its content is untrusted and not yet read.
///
/// Opening never blocks. It rejects FIFOs, sockets and devices that pose as videos, without side effects on them.
public struct InputFile: ~Copyable {
  public let descriptor: Descriptor
  /// Status immediately after opening.
  public let status: FileStatus
  private let path: [UInt8]

  /// Holes cost their creator nothing, but cost every reader as much time as data.
  private static let mostHoleBytes: Int64 = 16 << 30

  /// - Parameters:
  ///   - path: bytes as in the file system, without the final NUL; need not be UTF-8.
  ///   - followSymlinks: whether the last component may be a symbolic link.
  /// - Throws: `.symlink`, `.notRegularFile`, `.sparse`, or `.open` with `ENOENT`, `EACCES` and similar codes.
  public static func open(
    _ path: [UInt8], followSymlinks: Bool = false
  ) throws(IsolationError) -> InputFile {
    guard !path.isEmpty, !path.contains(0) else { throw .open(path: path, errno: path.isEmpty ? ENOENT : EINVAL) }
    let opened = (path + [0]).withUnsafeBytes {
      cposix_open_for_reading($0.assumingMemoryBound(to: CChar.self).baseAddress, followSymlinks)
    }
    if opened == -ELOOP, !followSymlinks { throw .symlink(path: path) }
    // The result of open(2) on a socket.
    if opened == -ENXIO { throw .notRegularFile(path: path, kind: "socket or device") }
    guard opened >= 0 else { throw .open(path: path, errno: -opened) }

    let descriptor = Descriptor(owning: opened)
    let status = try Self.examine(descriptor, path: path)
    if let kind = Self.name(of: status.kind) { throw .notRegularFile(path: path, kind: kind) }
    // File systems that compress, or do not report holes, show none.
    if status.size - status.stored_bytes > mostHoleBytes, cposix_first_hole(opened) < status.size {
      throw .sparse(path: path, sizeBytes: status.size, storedBytes: status.stored_bytes)
    }
    return InputFile(descriptor: descriptor, status: FileStatus(status), path: path)
  }

  /// Reads the current status from the file system.
  public func currentStatus() throws(IsolationError) -> FileStatus {
    FileStatus(try Self.examine(descriptor, path: path))
  }

  /// Whether the file has been written to since it was opened.
  public func hasChanged() throws(IsolationError) -> Bool {
    !(try currentStatus()).hasSameContent(as: status)
  }

  private init(descriptor: consuming Descriptor, status: FileStatus, path: [UInt8]) {
    self.descriptor = descriptor
    self.status = status
    self.path = path
  }

  private static func examine(
    _ descriptor: borrowing Descriptor, path: [UInt8]
  ) throws(IsolationError) -> cposix_status {
    var status = cposix_status()
    let result = cposix_status_of(descriptor.raw, &status)
    guard result == 0 else { throw .open(path: path, errno: -result) }
    return status
  }

  /// - Returns: nil for a regular file.
  private static func name(of kind: cposix_file_kind) -> String? {
    switch kind {
    case cposix_regular: nil
    case cposix_directory: "directory"
    case cposix_symlink: "symbolic link"
    case cposix_fifo: "FIFO"
    case cposix_socket_file: "socket"
    case cposix_device: "device"
    default: "special file"
    }
  }
}

/// Owns one file descriptor and closes it.
public struct Descriptor: ~Copyable {
  /// The number, valid while this value lives.
  public let raw: CInt

  /// Takes over `raw`, which nobody else may close.
  public init(owning raw: CInt) {
    precondition(raw >= 0, "\(raw) is no file descriptor")
    self.raw = raw
  }

  deinit { close(raw) }

  /// Gives up ownership: the caller closes the descriptor.
  public consuming func release() -> CInt {
    let number = raw
    discard self
    return number
  }
}

/// What the file system says about an open regular file.
public struct FileStatus: Sendable, Hashable {
  /// Length in bytes.
  public let sizeBytes: Int64
  /// Last change of the content, and of content or metadata, in nanoseconds since 1970 UTC.
  public let modifiedNanoseconds: Int64
  public let changedNanoseconds: Int64
  /// Together they identify the file on this machine.
  public let device: UInt64
  public let inode: UInt64

  init(_ status: cposix_status) {
    sizeBytes = status.size
    modifiedNanoseconds = status.modified_nanoseconds
    changedNanoseconds = status.changed_nanoseconds
    device = status.device
    inode = status.inode
  }

  /// Asks about a name without opening it.
  ///
  /// - Returns: nil when there is no regular file of that name (or it is a symbolic link that is not to be followed).
  public init?(path: [UInt8], followSymlinks: Bool = false) {
    guard !path.contains(0) else { return nil }
    var status = stat()
    let result = (path + [0]).withUnsafeBytes { bytes in
      let name = bytes.assumingMemoryBound(to: CChar.self).baseAddress
      return name.map { followSymlinks ? stat($0, &status) : lstat($0, &status) } ?? -1
    }
    guard result == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    sizeBytes = Int64(status.st_size)
    modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changedNanoseconds = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// Whether both tell of the same content: a new hard link or mode changes `changedNanoseconds` but not this.
  public func hasSameContent(as other: FileStatus) -> Bool {
    (sizeBytes, modifiedNanoseconds, device, inode)
      == (other.sizeBytes, other.modifiedNanoseconds, other.device, other.inode)
  }
}
