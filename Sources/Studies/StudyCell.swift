/// One run of a study: what is different in it from the others, such as arm, seed and budget.
package struct StudyCell: Sendable, Hashable, Codable {
  struct Factor: Sendable, Hashable, Codable {
    var name: String
    var value: String
  }

  var factors: [Factor]

  init(_ factors: KeyValuePairs<String, String>) {
    self.factors = factors.map { Factor(name: $0.key, value: $0.value) }
  }

  /// The value of a factor; empty where the cell has none of that name.
  subscript(name: String) -> String { factors.first { $0.name == name }?.value ?? "" }

  /// The cell in a line, as progress and errors name it.
  package var text: String { factors.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

  /// A name for files of the cell.
  var fileName: String {
    let text = factors.map(\.value).joined(separator: "-")
    return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-.=".contains($0)) ? $0 : "_" })
  }
}

/// What became of a cell: small enough to keep thousands of in one file.
package struct StudyRecord: Sendable, Codable {
  var cell: StudyCell
  /// Figures of the cell as a whole; what could not be had is missing.
  package var values: [String: Double] = [:]
  /// A number for each item, such as the score of each crop, all columns in one order: comparisons are paired by it.
  var columns: [String: [Double]] = [:]
  var notes: [String: String] = [:]
  /// Wall time of the cell.
  package var seconds = 0.0

  init(_ cell: StudyCell) {
    self.cell = cell
  }

  /// The column of that name; empty where there is none.
  func column(_ name: String) -> [Double] { columns[name] ?? [] }
}
