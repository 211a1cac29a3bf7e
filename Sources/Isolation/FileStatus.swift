import CPosix

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

  /// Whether both tell of the same content: a new hard link or mode changes `changedNanoseconds` but not this.
  public func hasSameContent(as other: FileStatus) -> Bool {
    (sizeBytes, modifiedNanoseconds, device, inode)
      == (other.sizeBytes, other.modifiedNanoseconds, other.device, other.inode)
  }
}
