/// One row of a CSV file after RFC 4180: cells with commas, quotes or line breaks are quoted, lines end with CR LF.
public struct CSVRow: Sendable {
  private var cells: [String] = []

  public init() {}

  /// Untrusted text, escaped for spreadsheets: text that starts like a formula (`=`, `+`, `-`, `@`, tab, CR, LF) or with
  /// an apostrophe gets an apostrophe prepended, so that removing one always restores the text.
  public mutating func add(untrusted text: String) {
    let isRisky = text.unicodeScalars.first.map { "=+-@\t\r\n'".unicodeScalars.contains($0) } ?? false
    add(exact: isRisky ? "'" + text : text)
  }

  /// Exact text: trusted text, numbers, or text for programs.
  public mutating func add(exact text: String) {
    let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    guard needsQuotes else {
      cells.append(text)
      return
    }
    // By scalars: CR LF is a single character, and a quote may have combining marks.
    var quoted = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    cells.append("\"\(String(quoted))\"")
  }

  /// An integer, or an empty cell.
  public mutating func add(_ number: (some BinaryInteger)?) {
    add(exact: number.map { String($0) } ?? "")
  }

  /// A number with 6 decimals, or an empty cell.
  public mutating func add(_ number: Double?) {
    add(exact: number.map(Self.sixDecimals) ?? "")
  }

  public mutating func add(_ cell: Cell) {
    switch cell {
    case .exact(let text): add(exact: text)
    case .untrusted(let text): add(untrusted: text)
    case .count(let number): add(number)
    case .number(let number): add(number)
    }
  }

  public var bytes: [UInt8] { Array((cells.joined(separator: ",") + "\r\n").utf8) }

  fileprivate static func sixDecimals(_ number: Double) -> String {
    // Beyond 2^63 millionths: as in JSON.
    guard abs(number) < 9e12 else { return "\(number)" }
    let millionths = Int64((abs(number) * 1_000_000).rounded())
    let fraction = String(millionths % 1_000_000)
    let sign = number < 0 && millionths > 0 ? "-" : ""
    return "\(sign)\(millionths / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
  }
}

extension Cell {
  /// The cell without the quotes and marks that CSV needs.
  public var text: String {
    switch self {
    case .exact(let text), .untrusted(let text): text
    case .count(let number): number.map { "\($0)" } ?? ""
    case .number(let number): number.map(CSVRow.sixDecimals) ?? ""
    }
  }
}
