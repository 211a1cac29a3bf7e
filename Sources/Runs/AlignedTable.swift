import Foundation

/// Formats rows of text in aligned columns; columns of numbers are right-aligned.
package func alignedTable(heading: [String], rows: [[String]]) -> String {
  let all = [heading] + rows
  let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
  let isNumber = heading.indices.map { column in
    !rows.isEmpty && rows.allSatisfy { row in row[column].first.map { $0.isNumber || "-+–".contains($0) } ?? true }
  }
  return all.map { row in
    let cells = row.indices.map { column in
      let padding = String(repeating: " ", count: widths[column] - row[column].count)
      return isNumber[column] ? padding + row[column] : row[column] + padding
    }
    return cells.joined(separator: "  ").replacing(#/ +$/#, with: "") + "\n"
  }.joined()
}

/// `1 video`, `2 videos`.
///
/// - Parameter plural: a noun whose singular lacks the `s`.
package func counted(_ count: Int, _ plural: String) -> String {
  "\(count) \(count == 1 ? String(plural.dropLast()) : plural)"
}

package func writeToStandardError(_ text: String) {
  FileHandle.standardError.write(Data(text.utf8))
}
