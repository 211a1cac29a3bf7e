/// The file of a row.
public struct VideoSource: Sendable, Hashable {
  /// Absolute, without symbolic links in its folders; as it was given in rows of `assay scan --filter` and of versions
  /// up to 0.1.
  public var path: VideoPath
  /// The input that the scan found the file in: an absolute folder that `path` begins with. Nil where `path` is as it
  /// was given.
  public var root: VideoPath?
  /// Nil if the file could not be opened.
  @ExplicitNull public var sizeBytes: Int64?
  @ExplicitNull public var mtime: Timestamp?
  /// Lower-case hexadecimal; nil if the file could not be read completely.
  @ExplicitNull public var sha256: String?

  public init(
    path: VideoPath, root: VideoPath? = nil, sizeBytes: Int64? = nil, mtime: Timestamp? = nil, sha256: String? = nil
  ) {
    self.path = path
    self.root = root
    self.sizeBytes = sizeBytes
    self.mtime = mtime
    self.sha256 = sha256
  }
}

extension VideoSource {
  /// The part of the path below the root; nil without a root.
  public var relativePath: VideoPath? {
    guard let root, path.bytes.starts(with: root.bytes) else { return nil }
    let rest = path.bytes.dropFirst(root.bytes.count).drop { $0 == UInt8(ascii: "/") }
    return VideoPath(Array(rest))
  }
}

extension VideoSource: Codable {
  private enum CodingKeys: String, CodingKey {
    case root, rootBytes, relativePath, sizeBytes, mtime, sha256
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    path = try VideoPath(from: decoder)
    // Rows of earlier versions have no root.
    root = try container.decodeIfPresent(String.self, forKey: .root).map { text in VideoPath(text) }
    if let encoded = try container.decodeIfPresent(String.self, forKey: .rootBytes) {
      root = VideoPath(percentEncoded: encoded)
    }
    _sizeBytes = try container.decode(ExplicitNull<Int64>.self, forKey: .sizeBytes)
    _mtime = try container.decode(ExplicitNull<Timestamp>.self, forKey: .mtime)
    _sha256 = try container.decode(ExplicitNull<String>.self, forKey: .sha256)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(root?.text, forKey: .root)
    try container.encodeIfPresent(root?.percentEncoded, forKey: .rootBytes)
    try container.encodeIfPresent(relativePath?.text, forKey: .relativePath)
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
  /// FFmpeg's names of the container and of the video codec; omitted where the file could not be opened, and by earlier
  /// versions.
  public var container: String?
  public var codec: String?

  public init(
    durationSeconds: Double? = nil, timeBase: TimeBase? = nil, frames: FrameCounts, container: String? = nil,
    codec: String? = nil
  ) {
    self.durationSeconds = durationSeconds?.manifestRounded
    self.timeBase = timeBase
    self.frames = frames
    self.container = container
    self.codec = codec
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

/// Numbers of frames that were requested, decoded, and contain a face that was judged.
public struct FrameCounts: Sendable, Hashable, Codable {
  public let asked: Int
  public let decoded: Int
  public let withFaces: Int
  /// Frames that show only faces below the quality floor.
  public let lowQuality: Int

  public init(asked: Int, decoded: Int = 0, withFaces: Int = 0, lowQuality: Int = 0) {
    self.asked = asked
    self.decoded = decoded
    self.withFaces = withFaces
    self.lowQuality = lowQuality
  }

  private enum CodingKeys: String, CodingKey { case asked, decoded, withFaces, lowQuality }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      asked: try values.decode(Int.self, forKey: .asked), decoded: try values.decode(Int.self, forKey: .decoded),
      withFaces: try values.decode(Int.self, forKey: .withFaces),
      // Rows of earlier versions, which judged all faces.
      lowQuality: try values.decodeIfPresent(Int.self, forKey: .lowQuality) ?? 0)
  }
}
