import CPosix
import Glibc

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
