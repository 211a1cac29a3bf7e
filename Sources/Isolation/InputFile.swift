import CPosix
import Glibc

/// A regular file, open for reading, whose content nobody has looked at yet.
///
/// Opening never blocks and has no effect on FIFOs, sockets or devices that pose as videos: they are refused.
public struct InputFile: ~Copyable {
  public let descriptor: Descriptor
  /// As it was right after opening.
  public let status: FileStatus
  private let path: [UInt8]

  /// Holes cost their maker nothing, but every reader as much time as data.
  private static let mostHoleBytes: Int64 = 16 << 30

  /// - Parameters:
  ///   - path: as the file system has it, without the final NUL; need not be UTF-8.
  ///   - followSymlinks: whether the last component may be a symbolic link.
  /// - Throws: `.symlink`, `.notRegularFile`, `.sparse`, or `.open` with `ENOENT`, `EACCES` and the like.
  public static func open(
    _ path: [UInt8], followSymlinks: Bool = false
  ) throws(IsolationError) -> InputFile {
    guard !path.isEmpty, !path.contains(0) else { throw .open(path: path, errno: path.isEmpty ? ENOENT : EINVAL) }
    let opened = (path + [0]).withUnsafeBytes {
      cposix_open_for_reading($0.assumingMemoryBound(to: CChar.self).baseAddress, followSymlinks)
    }
    if opened == -ELOOP, !followSymlinks { throw .symlink(path: path) }
    // What open(2) answers for a socket.
    if opened == -ENXIO { throw .notRegularFile(path: path, kind: "socket or device") }
    guard opened >= 0 else { throw .open(path: path, errno: -opened) }

    let descriptor = Descriptor(owning: opened)
    let status = try Self.examine(descriptor, path: path)
    if let kind = Self.name(of: status.kind) { throw .notRegularFile(path: path, kind: kind) }
    // File systems that compress, or tell nothing, know no holes.
    if status.size - status.stored_bytes > mostHoleBytes, cposix_first_hole(opened) < status.size {
      throw .sparse(path: path, sizeBytes: status.size, storedBytes: status.stored_bytes)
    }
    return InputFile(descriptor: descriptor, status: FileStatus(status), path: path)
  }

  /// Asks the file system again.
  public func currentStatus() throws(IsolationError) -> FileStatus {
    FileStatus(try Self.examine(descriptor, path: path))
  }

  /// Whether somebody has written to the file since it was opened.
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
