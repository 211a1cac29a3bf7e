/// A cell of a table.
public enum Cell: Sendable, Hashable {
  /// The program's own words, or a file name that only programs read: written as it is.
  case exact(String)
  /// Text from outside, made safe for spreadsheets.
  case untrusted(String)
  /// A whole number; empty where it is unknown.
  case count(Int64?)
  /// Written with 6 decimals; empty where it is unknown.
  case number(Double?)
}

/// One column of a table: its name, and the cell of a row under it.
///
/// Declared together, so that a heading cannot slip against its cells.
public struct Column<Row>: Sendable {
  public let name: String
  public let cell: @Sendable (Row) -> Cell

  public init(_ name: String, cell: @escaping @Sendable (Row) -> Cell) {
    self.name = name
    self.cell = cell
  }

  public static func text(_ name: String, _ value: @escaping @Sendable (Row) -> String) -> Self {
    Self(name) { .exact(value($0)) }
  }

  public static func untrusted(_ name: String, _ value: @escaping @Sendable (Row) -> String) -> Self {
    Self(name) { .untrusted(value($0)) }
  }

  public static func count(_ name: String, _ value: @escaping @Sendable (Row) -> Int?) -> Self {
    Self(name) { .count(value($0).map(Int64.init)) }
  }

  public static func number(_ name: String, _ value: @escaping @Sendable (Row) -> Double?) -> Self {
    Self(name) { .number(value($0)) }
  }
}

/// The columns of a kind of rows, as CSV and as the heading and cells of a text or HTML table.
public struct Table<Row>: Sendable {
  public let columns: [Column<Row>]

  public init(_ columns: [Column<Row>]) {
    self.columns = columns
  }

  public var heading: [String] { columns.map(\.name) }

  /// The cells of a row as text.
  public func cells(_ row: Row) -> [String] { columns.map { $0.cell(row).text } }

  /// The cells of rows as text.
  public func cells(of rows: [Row]) -> [[String]] { rows.map(cells) }

  /// The first line of a CSV file.
  public var csvHeading: [UInt8] {
    var line = CSVRow()
    for column in columns { line.add(exact: column.name) }
    return line.bytes
  }

  /// The line of a row in a CSV file.
  public func csvLine(_ row: Row) -> [UInt8] {
    var line = CSVRow()
    for column in columns { line.add(column.cell(row)) }
    return line.bytes
  }

  /// A whole CSV file.
  public func csv(_ rows: some Sequence<Row>) -> [UInt8] { csvHeading + rows.flatMap(csvLine) }
}
