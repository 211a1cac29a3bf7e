public import Verdicts

/// What a verdict depends on beside the video: the model and the settings.
public struct VerdictKey: Sendable, Hashable {
  /// SHA-256 of the model file, and the hash of the settings, as manifest rows have them.
  public let modelHash: String
  public let settingsHash: String

  public init(modelHash: String, settingsHash: String) {
    self.modelHash = modelHash
    self.settingsHash = settingsHash
  }

  public init(_ context: ScanContext) {
    self.init(modelHash: context.model.sha256, settingsHash: context.settings.hash)
  }
}

/// What the ledger knows about a path.
public struct KnownVideo: Sendable, Hashable {
  /// A row that an earlier run wrote.
  public struct Row: Sendable, Hashable {
    let id: Int64
    public let key: VerdictKey
    /// Nil when there was a verdict.
    public let reason: FailureReason?
    /// When the scan began to read the file, in nanoseconds since 1970 UTC.
    public let openedAt: Int64
  }

  let id: Int64
  /// The file when it was last scanned; nil when it could not be opened.
  public let identity: FileIdentity?
  /// The row for the model and the settings that were asked about; nil when there is none.
  public let row: Row?
  /// The newest row, whatever made it.
  public let latest: Row
  /// Failures since the last verdict, while neither the file nor Assay's version changed.
  public let failures: Int
  /// The version of Assay that counted them.
  public let failureVersion: String?
}

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
