/// A path as in the file system: bytes that need not be valid UTF-8.
///
/// In JSON it is `path`, a string in which invalid UTF-8 is replaced; in that case there is also `pathBytes`, the exact
/// path percent-encoded. Paths sort by their bytes.
public struct VideoPath: Sendable, Hashable {
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  public init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// For display; exact only if `percentEncoded` is nil.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The exact path, or nil if `text` is exact.
  public var percentEncoded: String? {
    String(validating: bytes, as: UTF8.self) == nil ? Self.encode(bytes) : nil
  }

  /// The part after the last slash.
  public var fileName: VideoPath {
    VideoPath(Array(bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: true).last ?? []))
  }

  /// Keeps letters, digits and `-._~/`; every other byte becomes `%` and two upper-case hexadecimal digits (RFC 3986).
  private static func encode(_ bytes: [UInt8]) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    let hexadecimal = Array("0123456789ABCDEF".utf8)
    let encoded = bytes.flatMap { byte in
      plain.contains(byte)
        ? [byte] : [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// Parses the format of `percentEncoded`.
  public init?(percentEncoded text: String) {
    var decoded: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        decoded.append(value)
        rest = rest.dropFirst(2)
      } else {
        decoded.append(byte)
      }
    }
    bytes = decoded
  }
}

extension VideoPath: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    self.init(text)
  }
}

extension VideoPath: Comparable {
  public static func < (first: VideoPath, second: VideoPath) -> Bool {
    first.bytes.lexicographicallyPrecedes(second.bytes)
  }
}

extension VideoPath: Codable {
  private enum CodingKeys: String, CodingKey {
    case path, pathBytes
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let encoded = try container.decodeIfPresent(String.self, forKey: .pathBytes) else {
      self.init(try container.decode(String.self, forKey: .path))
      return
    }
    guard let exact = VideoPath(percentEncoded: encoded) else {
      throw DecodingError.dataCorruptedError(
        forKey: .pathBytes, in: container, debugDescription: "\(encoded) is not percent-encoded")
    }
    self = exact
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(text, forKey: .path)
    try container.encodeIfPresent(percentEncoded, forKey: .pathBytes)
  }
}
