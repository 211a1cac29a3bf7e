/// What `manifest.json` says about the run as a whole.
///
/// Times and host are the only parts that differ between two runs with the same input and settings.
public struct RunHeader: Sendable, Hashable {
  public var assayVersion: String
  public var startedAt: Timestamp
  public var finishedAt: Timestamp
  public var host: String
  /// False when the run was stopped before every video had its row.
  public var isComplete: Bool
  public var counts: RunSummary
  public var context: ScanContext
  /// What became of known fakes; nil, and left out, in a run without them.
  public var canaries: CanarySummary?

  public init(
    assayVersion: String, startedAt: Timestamp, finishedAt: Timestamp, host: String, isComplete: Bool,
    counts: RunSummary, context: ScanContext, canaries: CanarySummary? = nil
  ) {
    self.assayVersion = assayVersion
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.host = host
    self.isComplete = isComplete
    self.counts = counts
    self.context = context
    self.canaries = canaries
  }
}

extension RunHeader: Codable {
  private enum CodingKeys: String, CodingKey {
    case assayVersion, startedAt, finishedAt, host, isComplete, counts, canaries
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    assayVersion = try container.decode(String.self, forKey: .assayVersion)
    startedAt = try container.decode(Timestamp.self, forKey: .startedAt)
    finishedAt = try container.decode(Timestamp.self, forKey: .finishedAt)
    host = try container.decode(String.self, forKey: .host)
    isComplete = try container.decode(Bool.self, forKey: .isComplete)
    counts = try container.decode(RunSummary.self, forKey: .counts)
    context = try ScanContext(from: decoder)
    canaries = try container.decodeIfPresent(CanarySummary.self, forKey: .canaries)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(assayVersion, forKey: .assayVersion)
    try container.encode(startedAt, forKey: .startedAt)
    try container.encode(finishedAt, forKey: .finishedAt)
    try container.encode(host, forKey: .host)
    try container.encode(isComplete, forKey: .isComplete)
    try container.encode(counts, forKey: .counts)
    try context.encode(to: encoder)
    try container.encodeIfPresent(canaries, forKey: .canaries)
  }
}
