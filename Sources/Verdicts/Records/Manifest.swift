/// A complete `manifest.json`, for readers; `ManifestWriter` writes it without holding it in memory.
public struct Manifest: Sendable, Hashable, Codable {
  public let schemaVersion: Int
  public let run: RunHeader
  /// Sorted by path.
  public let videos: [VideoRecord]
  /// Sorted by path and guise; nil in a run without canaries.
  public let canaries: [CanaryRecord]?

  public init(run: RunHeader, videos: [VideoRecord], canaries: [CanaryRecord]? = nil) {
    schemaVersion = VideoRecord.schemaVersion
    self.run = run
    self.canaries = canaries
    self.videos = videos.sorted { $0.source.path < $1.source.path }
  }
}

/// The header of `manifest.json`: the run as a whole.
///
/// Times and host are the only parts that differ between two runs with the same inputs and settings.
public struct RunHeader: Sendable, Hashable {
  public var assayVersion: String
  public var startedAt: Timestamp
  public var finishedAt: Timestamp
  public var host: String
  /// False if the run stopped before every video had its row.
  public var isComplete: Bool
  public var counts: RunSummary
  /// Of all rows; nil in headers of earlier versions.
  public var distribution: RunDistribution?
  public var context: ScanContext
  /// What readers of the scores must know about the model; nil in headers of earlier versions.
  public var modelCard: ModelCardRecord?
  /// Rows taken over from earlier runs; nil if there are none.
  public var keptRows: KeptRowsRecord?
  /// Files of the input folders that have no row, by reason.
  public var leftOut: LeftOutCounts
  /// Folders that could not be read.
  public var folderFailures: [FolderFailure]
  /// Results for known fakes; nil, and omitted, in a run without them.
  public var canaries: CanarySummary?

  public init(
    assayVersion: String, startedAt: Timestamp, finishedAt: Timestamp, host: String, isComplete: Bool,
    counts: RunSummary, distribution: RunDistribution?, context: ScanContext, modelCard: ModelCardRecord? = nil,
    keptRows: KeptRowsRecord? = nil,
    leftOut: LeftOutCounts = LeftOutCounts(),
    folderFailures: [FolderFailure] = [], canaries: CanarySummary? = nil
  ) {
    self.assayVersion = assayVersion
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.host = host
    self.isComplete = isComplete
    self.counts = counts
    self.distribution = distribution
    self.context = context
    self.modelCard = modelCard
    self.keptRows = keptRows
    self.leftOut = leftOut
    self.folderFailures = folderFailures
    self.canaries = canaries
  }
}

extension RunHeader: Codable {
  private enum CodingKeys: String, CodingKey {
    case assayVersion, startedAt, finishedAt, host, isComplete, counts, distribution, modelCard, keptRows, leftOut,
      folderFailures, canaries
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
    // Headers of earlier versions lack these five.
    distribution = try container.decodeIfPresent(RunDistribution.self, forKey: .distribution)
    keptRows = try container.decodeIfPresent(KeptRowsRecord.self, forKey: .keptRows)
    modelCard = try container.decodeIfPresent(ModelCardRecord.self, forKey: .modelCard)
    leftOut = try container.decodeIfPresent(LeftOutCounts.self, forKey: .leftOut) ?? LeftOutCounts()
    folderFailures = try container.decodeIfPresent([FolderFailure].self, forKey: .folderFailures) ?? []
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
    try container.encodeIfPresent(distribution, forKey: .distribution)
    try context.encode(to: encoder)
    try container.encodeIfPresent(modelCard, forKey: .modelCard)
    try container.encodeIfPresent(keptRows, forKey: .keptRows)
    try container.encode(leftOut, forKey: .leftOut)
    try container.encode(folderFailures, forKey: .folderFailures)
    try container.encodeIfPresent(canaries, forKey: .canaries)
  }
}

/// Rows of a run that an earlier run made.
public struct KeptRowsRecord: Sendable, Hashable, Codable {
  public let videos: Int
  /// When the first and the last of their files were opened.
  public let openedFrom: Timestamp
  public let openedTo: Timestamp

  public init(videos: Int, openedFrom: Timestamp, openedTo: Timestamp) {
    self.videos = videos
    self.openedFrom = openedFrom
    self.openedTo = openedTo
  }
}

/// Number of videos per verdict.
public struct RunSummary: Sendable, Hashable, Codable {
  public private(set) var videos = 0
  /// Has an entry for every verdict and every reason.
  public private(set) var verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0, 0) })
  public private(set) var reasons = Dictionary(uniqueKeysWithValues: FailureReason.allCases.map { ($0, 0) })

  public init() {}

  public mutating func add(_ finding: Finding) {
    videos += 1
    verdicts[finding.verdict, default: 0] += 1
    if let reason = finding.reason { reasons[reason, default: 0] += 1 }
  }

  public func count(_ verdict: Verdict) -> Int { verdicts[verdict] ?? 0 }

  /// One line: `12 videos: 3 fake, 1 undecided, 7 with no sign of manipulation found, 1 failed (1 truncated)`.
  public var line: String {
    let counted = [Verdict.fake, .undecided, .real, .noFace, .failed].compactMap { verdict -> String? in
      let count = count(verdict)
      guard count > 0 else { return nil }
      return "\(count) \(verdict == .real ? "with " : "")\(verdict.phrase)\(reasonsInWords(of: verdict))"
    }
    let total = videos == 1 ? "1 video" : "\(videos) videos"
    return counted.isEmpty ? total : "\(total): \(counted.joined(separator: ", "))"
  }

  private func reasonsInWords(of verdict: Verdict) -> String {
    let counted = FailureReason.allCases.compactMap { reason -> String? in
      guard verdict == (reason == .lowQuality ? .undecided : .failed) else { return nil }
      guard let count = reasons[reason], count > 0 else { return nil }
      return "\(count) \(Self.words(reason.rawValue))"
    }
    return counted.isEmpty ? "" : " (\(counted.joined(separator: ", ")))"
  }

  private static func words(_ name: String) -> String { name.split(separator: "_").joined(separator: " ") }
}
