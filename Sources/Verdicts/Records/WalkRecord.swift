/// Why a file in an input folder has no row.
public enum LeftOutReason: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// Its content is not a video.
  case notVideo = "not_video"
  /// Its extension is not one of videos (`--only-extensions`).
  case fileExtension = "extension"
  /// What an operating system or network storage keeps about files: AppleDouble files, `@eaDir` and similar folders.
  case metadata
  /// Written by Assay: evidence clips, adversarial videos, manifests.
  case ownProduct = "own_product"
  case symlink
  /// A FIFO, socket or device.
  case special

  /// `12 files that are not videos`.
  func words(_ count: Int) -> String {
    let isOne = count == 1
    switch self {
    case .notVideo: return isOne ? "1 file that is not a video" : "\(count) files that are not videos"
    case .fileExtension:
      return isOne ? "1 file without an extension of videos" : "\(count) files without an extension of videos"
    case .metadata: return isOne ? "1 item of NAS or system metadata" : "\(count) items of NAS or system metadata"
    case .ownProduct: return isOne ? "1 file written by assay" : "\(count) files written by assay"
    case .symlink:
      return (isOne ? "1 symbolic link" : "\(count) symbolic links") + " (--follow-symlinks takes them in)"
    case .special: return isOne ? "1 FIFO, socket or device" : "\(count) FIFOs, sockets or devices"
    }
  }
}

/// How many files of the input folders have no row, by reason; every reason has an entry.
public struct LeftOutCounts: Sendable, Hashable {
  private var counts = Dictionary(uniqueKeysWithValues: LeftOutReason.allCases.map { ($0, 0) })

  public init() {}

  public subscript(reason: LeftOutReason) -> Int { counts[reason] ?? 0 }

  public mutating func add(_ reason: LeftOutReason) { counts[reason, default: 0] += 1 }

  public var total: Int { counts.values.reduce(0, +) }

  /// `left out: 12 files that are not videos, 1 symbolic link`; nil when there is none.
  public var line: String? {
    let parts = LeftOutReason.allCases.compactMap { self[$0] > 0 ? $0.words(self[$0]) : nil }
    return parts.isEmpty ? nil : "left out: " + parts.joined(separator: ", ")
  }
}

extension LeftOutCounts: Codable {
  public init(from decoder: any Decoder) throws {
    let read = try decoder.singleValueContainer().decode([LeftOutReason: Int].self)
    counts.merge(read) { _, read in read }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(counts)
  }
}

/// A folder that could not be read, so that the run says nothing new about the videos in it.
public struct FolderFailure: Sendable, Hashable {
  /// Absolute.
  public var path: VideoPath
  /// Number of the system's error, such as 13 for EACCES.
  public var errno: Int
  /// The error in words.
  public var message: String
  /// Number of rows of earlier runs that are listed again, marked as stale.
  public var staleVideos = 0

  public init(path: VideoPath, errno: Int, message: String) {
    self.path = path
    self.errno = errno
    self.message = message
  }

  /// `the folder /x could not be read: Permission denied (errno 13)`.
  public var text: String {
    "the folder \(Terminal.harmless(path.text)) could not be read: \(message) (errno \(errno))"
  }
}

extension FolderFailure: Codable {
  private enum CodingKeys: String, CodingKey { case errno, message, staleVideos }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    path = try VideoPath(from: decoder)
    errno = try container.decode(Int.self, forKey: .errno)
    message = try container.decode(String.self, forKey: .message)
    staleVideos = try container.decode(Int.self, forKey: .staleVideos)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(errno, forKey: .errno)
    try container.encode(message, forKey: .message)
    try container.encode(staleVideos, forKey: .staleVideos)
  }
}
