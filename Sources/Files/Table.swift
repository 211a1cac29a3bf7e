/// A cell of a table.
public enum Cell: Sendable, Hashable {
  /// Trusted text, or a file name for programs: written exactly.
  case exact(String)
  /// Untrusted text, escaped for spreadsheets.
  case untrusted(String)
  /// An integer; empty if unknown.
  case count(Int64?)
  /// Written with 6 decimals; empty if unknown.
  case number(Double?)
}

/// One column of a table: its name and cell in CSV files, its heading and text in tables for people.
///
/// Declared together, so that a heading cannot slip against its cells.
public struct Column<Row>: Sendable {
  /// Name in CSV files; nil for a column of text and HTML tables alone.
  let name: String?
  /// Heading in text and HTML tables; nil for a column of CSV files alone.
  let heading: String?
  let cell: @Sendable (Row) -> Cell
  let shown: @Sendable (Row) -> String

  private init(
    _ name: String?, heading: String?, cell: @escaping @Sendable (Row) -> Cell,
    shown: @escaping @Sendable (Row) -> String
  ) {
    (self.name, self.heading, self.cell, self.shown) = (name, heading, cell, shown)
  }

  /// The same name and text in files and in tables for people.
  public init(_ name: String, cell: @escaping @Sendable (Row) -> Cell) {
    self.init(name, heading: name, cell: cell) { cell($0).text }
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

  /// A column of text and HTML tables alone.
  public static func display(_ heading: String, _ text: @escaping @Sendable (Row) -> String) -> Self {
    Self(nil, heading: heading, cell: { .exact(text($0)) }, shown: text)
  }

  /// The column with another heading and text in tables for people.
  ///
  /// - Parameter text: nil for the text of the cell.
  public func shown(as heading: String, _ text: (@Sendable (Row) -> String)? = nil) -> Self {
    Self(name, heading: heading, cell: cell, shown: text ?? shown)
  }

  /// The column in CSV files alone.
  public var fileOnly: Self { Self(name, heading: nil, cell: cell, shown: shown) }
}

/// The columns of a kind of rows, as CSV and as the heading and cells of a text or HTML table.
public struct Table<Row>: Sendable {
  private let fileColumns: [(name: String, cell: @Sendable (Row) -> Cell)]
  private let shownColumns: [(heading: String, text: @Sendable (Row) -> String)]

  public init(_ columns: [Column<Row>]) {
    fileColumns = columns.compactMap { column in column.name.map { ($0, column.cell) } }
    shownColumns = columns.compactMap { column in column.heading.map { ($0, column.shown) } }
  }

  public var heading: [String] { shownColumns.map(\.heading) }

  /// The cells of a row as text.
  public func cells(_ row: Row) -> [String] { shownColumns.map { $0.text(row) } }

  /// The cells of rows as text.
  public func cells(of rows: [Row]) -> [[String]] { rows.map(cells) }

  /// The first line of a CSV file.
  public var csvHeading: [UInt8] {
    var line = CSVRow()
    for column in fileColumns { line.add(exact: column.name) }
    return line.bytes
  }

  /// The line of a row in a CSV file.
  public func csvLine(_ row: Row) -> [UInt8] {
    var line = CSVRow()
    for column in fileColumns { line.add(column.cell(row)) }
    return line.bytes
  }

  /// A whole CSV file.
  public func csv(_ rows: some Sequence<Row>) -> [UInt8] { csvHeading + rows.flatMap(csvLine) }
}
