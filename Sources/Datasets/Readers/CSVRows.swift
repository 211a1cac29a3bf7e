/// Comma-separated values (RFC 4180): quoted fields may contain commas, line breaks and doubled quotes.
enum CSVRows {
  struct Row: Equatable {
    /// Line number at which the row starts, from 1.
    var line: Int
    var fields: [String]
  }

  /// Rows in order, without empty lines.
  static func parse(_ text: String, path: String) throws(DatasetsError) -> [Row] {
    var rows: [Row] = []
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var line = 1
    var rowLine = 1

    func endRow() {
      fields.append(field)
      field = ""
      if fields != [""] { rows.append(Row(line: rowLine, fields: fields)) }
      fields = []
    }

    // Iterates over scalars: CR LF is a single character, and a quote or comma may have combining marks, as in paths.
    var scalars = text.unicodeScalars.makeIterator()
    var next = scalars.next()
    while let scalar = next {
      next = scalars.next()
      if scalar == "\n" || scalar == "\r" && next != "\n" { line += 1 }
      if isQuoted {
        if scalar != "\"" {
          field.unicodeScalars.append(scalar)
        } else if next == "\"" {
          field.unicodeScalars.append("\"")
          next = scalars.next()
        } else {
          isQuoted = false
        }
      } else if scalar == "\"", field.isEmpty {
        isQuoted = true
      } else if scalar == "," {
        fields.append(field)
        field = ""
      } else if scalar == "\n" || scalar == "\r" {
        // In CR LF, the LF ends the row.
        if scalar == "\r", next == "\n" { continue }
        endRow()
        rowLine = line
      } else {
        field.unicodeScalars.append(scalar)
      }
    }
    guard !isQuoted else { throw .format(path: path, line: rowLine, problem: "a quoted field is not terminated") }
    endRow()
    return rows
  }
}
