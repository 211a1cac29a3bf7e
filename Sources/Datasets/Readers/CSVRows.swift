/// Comma-separated rows (RFC 4180): quoted fields may hold commas, line ends and doubled quotes.
enum CSVRows {
  struct Row: Equatable {
    /// Where the row starts, counted from 1.
    var line: Int
    var fields: [String]
  }

  /// Rows in order; empty lines are left out.
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

    var characters = text.makeIterator()
    var next = characters.next()
    while let character = next {
      next = characters.next()
      if character.isNewline { line += 1 }
      if isQuoted {
        if character != "\"" {
          field.append(character)
        } else if next == "\"" {
          field.append("\"")
          next = characters.next()
        } else {
          isQuoted = false
        }
      } else if character == "\"", field.isEmpty {
        isQuoted = true
      } else if character == "," {
        fields.append(field)
        field = ""
      } else if character.isNewline {
        endRow()
        rowLine = line
      } else {
        field.append(character)
      }
    }
    guard !isQuoted else { throw .format(path: path, line: rowLine, problem: "a quoted field has no end") }
    endRow()
    return rows
  }
}
