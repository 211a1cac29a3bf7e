/// Which file a row is about.
public struct VideoSource: Sendable, Hashable {
  public var path: VideoPath
  /// Nil when the file could not be opened.
  @ExplicitNull public var sizeBytes: Int64?
  @ExplicitNull public var mtime: Timestamp?
  /// Lower-case hexadecimal; nil when the file could not be read to its end.
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
