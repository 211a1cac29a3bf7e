public import FoundationEssentials

extension JSONEncoder {
  /// For programs: one line, keys in order, slashes as they are. Equal values give equal bytes.
  public static var sorted: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// For a program that a person may read too: indented, keys in order, words for the numbers that JSON lacks.
  public static var readable: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return encoder
  }

  /// The value's bytes.
  public func bytes(_ value: some Encodable) throws -> [UInt8] { Array(try encode(value)) }

  public func text(_ value: some Encodable) throws -> String { String(decoding: try encode(value), as: UTF8.self) }

  /// The value as a line of a JSON Lines file, with its line feed.
  public static func line(_ value: some Encodable) throws -> [UInt8] {
    try sorted.bytes(value) + [UInt8(ascii: "\n")]
  }
}

/// The value as `JSONEncoder.readable` has it.
public func readableJSON(_ value: some Encodable) throws -> String { try JSONEncoder.readable.text(value) }
