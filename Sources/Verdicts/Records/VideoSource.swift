/// The file of a row.
public struct VideoSource: Sendable, Hashable {
  public var path: VideoPath
  /// Nil if the file could not be opened.
  @ExplicitNull public var sizeBytes: Int64?
  @ExplicitNull public var mtime: Timestamp?
  /// Lower-case hexadecimal; nil if the file could not be read completely.
  @ExplicitNull public var sha256: String?

  public init(path: VideoPath, sizeBytes: Int64? = nil, mtime: Timestamp? = nil, sha256: String? = nil) {
    self.path = path
    self.sizeBytes = sizeBytes
    self.mtime = mtime
    self.sha256 = sha256
  }
}

extension VideoSource: Codable {
  private enum CodingKeys: String, CodingKey {
    case sizeBytes, mtime, sha256
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    path = try VideoPath(from: decoder)
    _sizeBytes = try container.decode(ExplicitNull<Int64>.self, forKey: .sizeBytes)
    _mtime = try container.decode(ExplicitNull<Timestamp>.self, forKey: .mtime)
    _sha256 = try container.decode(ExplicitNull<String>.self, forKey: .sha256)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(_sizeBytes, forKey: .sizeBytes)
    try container.encode(_mtime, forKey: .mtime)
    try container.encode(_sha256, forKey: .sha256)
  }
}

/// Properties of a decoded video.
public struct VideoContent: Sendable, Hashable, Codable {
  /// Nil if unknown.
  @ExplicitNull public var durationSeconds: Double?
  /// Unit of every `pts`; nil if nothing was decoded.
  @ExplicitNull public var timeBase: TimeBase?
  public var frames: FrameCounts

  public init(durationSeconds: Double? = nil, timeBase: TimeBase? = nil, frames: FrameCounts) {
    self.durationSeconds = durationSeconds?.manifestRounded
    self.timeBase = timeBase
    self.frames = frames
  }
}

/// Seconds per tick, as a fraction.
public struct TimeBase: Sendable, Hashable, Codable {
  public let numerator: Int
  public let denominator: Int

  public init(numerator: Int, denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }
}

/// Numbers of frames that were requested, decoded, and contain a face.
public struct FrameCounts: Sendable, Hashable, Codable {
  public let asked: Int
  public let decoded: Int
  public let withFaces: Int

  public init(asked: Int, decoded: Int = 0, withFaces: Int = 0) {
    self.asked = asked
    self.decoded = decoded
    self.withFaces = withFaces
  }
}
