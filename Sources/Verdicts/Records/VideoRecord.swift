/// The row of one video: a line of `manifest.jsonl`, an element of `videos` in `manifest.json`.
///
/// In JSON its parts form one flat object.
public struct VideoRecord: Sendable, Hashable {
  /// Schema version of the manifests that this version writes; increases with every incompatible change.
  public static let schemaVersion = 1

  public var source: VideoSource
  public var content: VideoContent
  public var finding: Finding
  public var warnings: [WarningRecord]
  public var context: ScanContext
  /// nil unless the run perturbs faces.
  @ExplicitNull public var perturbation: PerturbationRecord?
  /// Scores before and after the attack; nil without a perturbation.
  @ExplicitNull public private(set) var cleanScore: Double?
  @ExplicitNull public private(set) var perturbedScore: Double?
  /// nil unless the run measures it and the verdict is `fake` or `undecided`.
  @ExplicitNull public var margin: MarginRecord?
  /// Omitted from the manifest unless the run requests it and the video is borderline; absent from older manifests.
  public var recompression: RecompressionRecord?
  /// Omitted from the manifest unless the run requests it and the video has faces.
  public private(set) var perturbedInput: PerturbedInputRecord?
  /// Omitted from the manifest unless the run requests it.
  public var secondOpinion: SecondOpinionRecord?
  /// Omitted from the manifest unless the file has several video tracks.
  public var videoTracks: [VideoTrackRecord]?
  /// Omitted from the manifest unless frames had a high dynamic range.
  public var dynamicRange: DynamicRangeRecord?
  /// Frames that were interlaced; omitted from the manifest unless there are some.
  public var deinterlacedFrames: Int?

  public init(
    source: VideoSource, content: VideoContent, finding: Finding, warnings: [WarningRecord] = [], context: ScanContext
  ) {
    self.source = source
    self.content = content
    self.finding = finding
    self.warnings = warnings
    self.context = context
    perturbation = nil
    cleanScore = nil
    perturbedScore = nil
    margin = nil
  }

  /// Stream of the video track that the row is about; nil for a file with one.
  public var decidingStream: Int? { videoTracks?.first(where: \.isDeciding)?.stream }

  /// Records the effect of an attack; the verdict remains that of the clean video.
  public mutating func setPerturbation(_ record: PerturbationRecord, cleanScore: Double?, perturbedScore: Double?) {
    perturbation = record
    self.cleanScore = cleanScore?.manifestRounded
    self.perturbedScore = perturbedScore?.manifestRounded
  }

  /// Records whether the video's faces appear to be perturbed; if so, also adds a warning.
  public mutating func setPerturbedInput(_ record: PerturbedInputRecord) {
    perturbedInput = record
    if record.isFlagged { warnings.append(WarningRecord(.perturbedInput, record.text)) }
  }
}

extension VideoRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case schemaVersion, warnings, perturbation, cleanScore, perturbedScore, margin, recompression,
      perturbedInput, secondOpinion, videoTracks, dynamicRange, deinterlacedFrames
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let version = try container.decode(Int.self, forKey: .schemaVersion)
    guard version == Self.schemaVersion else {
      throw DecodingError.dataCorruptedError(
        forKey: .schemaVersion, in: container,
        debugDescription: "schema version \(version); this version reads \(Self.schemaVersion)")
    }
    source = try VideoSource(from: decoder)
    content = try VideoContent(from: decoder)
    finding = try Finding(from: decoder)
    warnings = try container.decode([WarningRecord].self, forKey: .warnings)
    context = try ScanContext(from: decoder)
    _perturbation = try container.decode(ExplicitNull<PerturbationRecord>.self, forKey: .perturbation)
    _cleanScore = try container.decode(ExplicitNull<Double>.self, forKey: .cleanScore)
    _perturbedScore = try container.decode(ExplicitNull<Double>.self, forKey: .perturbedScore)
    _margin = try container.decode(ExplicitNull<MarginRecord>.self, forKey: .margin)
    recompression = try container.decodeIfPresent(RecompressionRecord.self, forKey: .recompression)
    perturbedInput = try container.decodeIfPresent(PerturbedInputRecord.self, forKey: .perturbedInput)
    secondOpinion = try container.decodeIfPresent(SecondOpinionRecord.self, forKey: .secondOpinion)
    videoTracks = try container.decodeIfPresent([VideoTrackRecord].self, forKey: .videoTracks)
    dynamicRange = try container.decodeIfPresent(DynamicRangeRecord.self, forKey: .dynamicRange)
    deinterlacedFrames = try container.decodeIfPresent(Int.self, forKey: .deinterlacedFrames)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.schemaVersion, forKey: .schemaVersion)
    try source.encode(to: encoder)
    try content.encode(to: encoder)
    try finding.encode(to: encoder)
    try container.encode(warnings, forKey: .warnings)
    try context.encode(to: encoder)
    try container.encode(_perturbation, forKey: .perturbation)
    try container.encode(_cleanScore, forKey: .cleanScore)
    try container.encode(_perturbedScore, forKey: .perturbedScore)
    try container.encode(_margin, forKey: .margin)
    try container.encodeIfPresent(recompression, forKey: .recompression)
    try container.encodeIfPresent(perturbedInput, forKey: .perturbedInput)
    try container.encodeIfPresent(secondOpinion, forKey: .secondOpinion)
    try container.encodeIfPresent(videoTracks, forKey: .videoTracks)
    try container.encodeIfPresent(dynamicRange, forKey: .dynamicRange)
    try container.encodeIfPresent(deinterlacedFrames, forKey: .deinterlacedFrames)
  }
}

/// Second opinion: another model's score, which does not affect the verdict.
public struct SecondOpinionRecord: Sendable, Hashable, Codable {
  public let model: ModelRecord
  /// P(fake) according to that model; nil if the video has no score.
  @ExplicitNull public private(set) var score: Double?

  public init(model: ModelRecord, score: Double?) {
    self.model = model
    self.score = score?.manifestRounded
  }
}

/// Writes a missing value as `null` instead of omitting its key, so that every row of a manifest has the same keys.
@propertyWrapper
public struct ExplicitNull<Value: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
  public var wrappedValue: Value?

  public init(wrappedValue: Value?) {
    self.wrappedValue = wrappedValue
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue {
      try container.encode(wrappedValue)
    } else {
      try container.encodeNil()
    }
  }
}
