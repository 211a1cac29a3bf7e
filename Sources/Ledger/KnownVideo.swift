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
