/// What tells whether a file is still the one that was scanned, without reading it.
///
/// A change of the change time alone (a new hard link, another mode) counts as a change: it costs a scan, where the
/// opposite mistake would cost a verdict.
public struct FileIdentity: Sendable, Hashable {
  public let device: UInt64
  public let inode: UInt64
  public let sizeBytes: Int64
  /// Last change of the content, and of content or metadata, in nanoseconds since 1970 UTC.
  public let modifiedNanoseconds: Int64
  public let changedNanoseconds: Int64

  public init(
    device: UInt64, inode: UInt64, sizeBytes: Int64, modifiedNanoseconds: Int64, changedNanoseconds: Int64
  ) {
    self.device = device
    self.inode = inode
    self.sizeBytes = sizeBytes
    self.modifiedNanoseconds = modifiedNanoseconds
    self.changedNanoseconds = changedNanoseconds
  }

  /// Coarsest modification time that file systems in use keep (FAT), in nanoseconds.
  static let coarsestTick: Int64 = 2_000_000_000

  /// Whether the file could have been written to again after it was read without a trace in its times.
  ///
  /// - Parameter openedAt: when the scan began to read it, in nanoseconds since 1970 UTC.
  public func isAsNew(asScanAt openedAt: Int64) -> Bool {
    let (latest, isTooLate) = modifiedNanoseconds.addingReportingOverflow(Self.coarsestTick)
    return isTooLate || latest > openedAt
  }
}
