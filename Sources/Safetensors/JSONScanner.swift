import Foundation

/// The subset of JSON that a safetensors header may use.
enum JSONValue: Equatable {
  case object([(name: String, value: JSONValue)])
  case array([JSONValue])
  case string(String)
  case natural(Int)

  static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.object(let x), .object(let y)): x.count == y.count && zip(x, y).allSatisfy { $0 == $1 }
    case (.array(let x), .array(let y)): x == y
    case (.string(let x), .string(let y)): x == y
    case (.natural(let x), .natural(let y)): x == y
    default: false
    }
  }
}

/// A strict parser for untrusted headers: unlike Foundation's, it rejects duplicate keys and limits nesting.
struct JSONScanner {
  enum Failure: Error, CustomStringConvertible {
    case syntax(String, at: Int)

    var description: String {
      switch self {
      case .syntax(let problem, let offset): "\(problem) at byte \(offset)"
      }
    }
  }

  private static let depthLimit = 8
  private let bytes: [UInt8]
  private var position = 0

  static func parse(_ text: Data) throws(Failure) -> JSONValue {
    var scanner = JSONScanner(bytes: [UInt8](text))
    let value = try scanner.value(depth: 0)
    scanner.skipSpace()
    guard scanner.position == scanner.bytes.count else { throw scanner.failure("expected end of input") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    guard depth < Self.depthLimit else { throw failure("too deep nesting") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .natural(try natural())
    default: throw failure("expected an object, a list, a string or a natural number")
    }
  }

  private mutating func object(depth: Int) throws(Failure) -> [(name: String, value: JSONValue)] {
    var fields: [(name: String, value: JSONValue)] = []
    var names = Set<String>()
    position += 1
    skipSpace()
    if take("}") { return fields }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw failure("a name was due") }
      let name = try string()
      guard names.insert(name).inserted else { throw failure("the name '\(name)' is given twice,") }
      skipSpace()
      guard take(":") else { throw failure("a colon was due") }
      fields.append((name, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return fields }
      guard take(",") else { throw failure("a comma was due") }
    }
  }

  private mutating func array(depth: Int) throws(Failure) -> [JSONValue] {
    var values: [JSONValue] = []
    position += 1
    skipSpace()
    if take("]") { return values }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return values }
      guard take(",") else { throw failure("a comma was due") }
    }
  }

  private mutating func natural() throws(Failure) -> Int {
    let start = position
    var number = 0
    while let digit = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      let (shifted, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, carries) = shifted.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !overflows, !carries else { throw failure("too large a number") }
      number = sum
      position += 1
    }
    guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else { throw failure("a leading zero") }
    return number
  }

  private mutating func string() throws(Failure) -> String {
    position += 1
    var units: [UInt8] = []
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else { throw failure("invalid UTF-8") }
        return text
      case UInt8(ascii: "\\"): units.append(contentsOf: try escape())
      case ..<0x20: throw failure("a control character")
      default: units.append(byte)
      }
    }
    throw failure("unterminated string")
  }

  private mutating func escape() throws(Failure) -> [UInt8] {
    guard let byte = peek else { throw failure("unterminated escape sequence") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw failure("an unknown escape")
    }
  }

  private mutating func unicodeEscape() throws(Failure) -> [UInt8] {
    var code = try hexadecimal()
    if (0xD800...0xDBFF).contains(code) {
      guard take("\\"), take("u") else { throw failure("half a surrogate pair") }
      let low = try hexadecimal()
      guard (0xDC00...0xDFFF).contains(low) else { throw failure("half a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair") }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private func failure(_ problem: String) -> Failure { .syntax(problem, at: position) }
}
