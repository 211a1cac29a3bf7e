import Files
import Foundation

/// Reads a CSV file (RFC 4180) with a header line; paths are relative to the file's folder.
///
/// | Column | Holds |
/// |---|---|
/// | `path` or `file` | video or picture |
/// | `label` | `real` or `fake` |
/// | `group` or `source` | identity group: items that show the same footage |
/// | `person` | optional: identity of the person; like groups, persons are kept in one part of a split |
/// | `part` | optional: `train`, `validation`, `test`, or `test-source`, a test part of its own whose sources, but not whose persons, are in no other part |
/// | `method`, `dataset` | optional: manipulation; data set, by default the file's name |
///
/// The index of DFDC face crops (`file,label,source,person,part,…`) is such a file. Test parts are separate data sets,
/// `NAME-test` and `NAME-test-source`, so that every report has a row for each.
public enum ItemTable {
  /// The part whose persons may also occur in training.
  static let sourcesOnly = "test-source"

  public static func read(_ path: String, dataset: String? = nil) throws(DatasetsError) -> Reading {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw .file(path: path, problem: "cannot be read as text: \(explanation(of: error))")
    }
    var rows = try CSVRows.parse(text, path: path)
    guard !rows.isEmpty else { throw .format(path: path, line: nil, problem: "is empty") }
    let columns = try Columns(rows.removeFirst().fields, path: path)
    let root = URL(fileURLWithPath: path).deletingLastPathComponent()
    var reading = Reading()
    for row in rows {
      guard row.fields.count == columns.count else {
        throw .format(
          path: path, line: row.line, problem: "\(row.fields.count) fields where the header has \(columns.count)")
      }
      let file = URL(fileURLWithPath: row.fields[columns.path], relativeTo: root).standardizedFileURL.path
      let labelText = row.fields[columns.label]
      guard let label = Label(text: labelText) else {
        reading.problems.append(DatasetProblem(.unknownLabel, file, "'\(labelText)' in line \(row.line)"))
        continue
      }
      // A file that is named outright is a video unless its extension is one of pictures.
      let kind = LabelledItem.Kind(fileName: file) ?? .video
      let partText = columns.value("part", of: row.fields)
      let part = partText == sourcesOnly ? .test : partText.flatMap(Part.init(rawValue:))
      guard partText == nil || part != nil else {
        throw .format(
          path: path, line: row.line,
          problem: "the part '\(partText ?? "")' is unknown; expected train, validation, test or \(sourcesOnly)")
      }
      let set = columns.value("dataset", of: row.fields) ?? dataset ?? path.stem
      // By design, persons of the part that excludes only sources also occur in other parts.
      let person = partText == sourcesOnly ? nil : columns.value("person", of: row.fields)
      reading.items.append(
        LabelledItem(
          path: file, label: label, group: "\(set):\(row.fields[columns.group].trimmed)",
          kin: person.map { ["\(set):person:\($0)"] } ?? [], fixedPart: part,
          method: columns.value("method", of: row.fields) ?? (label == .real ? LabelledItem.realMethod : "fake"),
          dataset: part == .test ? "\(set)-\(partText ?? "test")" : set, kind: kind))
    }
    return reading
  }

  /// Indices of the columns by name.
  private struct Columns {
    let path: Int
    let label: Int
    let group: Int
    private let names: [String]

    var count: Int { names.count }

    init(_ header: [String], path file: String) throws(DatasetsError) {
      let names = header.map { $0.trimmed.lowercased() }
      func position(_ choices: String...) -> Int? { choices.lazy.compactMap { names.firstIndex(of: $0) }.first }
      guard let path = position("path", "file"), let label = position("label"), let group = position("group", "source")
      else {
        throw .format(
          path: file, line: 1, problem: "the header needs the columns path (or file), label and group (or source)")
      }
      (self.path, self.label, self.group, self.names) = (path, label, group, names)
    }

    /// A cell of an optional column; nil if the column is absent or the cell is empty.
    func value(_ name: String, of fields: [String]) -> String? {
      names.firstIndex(of: name).map { fields[$0].trimmed }.flatMap { $0.isEmpty ? nil : $0 }
    }
  }
}
