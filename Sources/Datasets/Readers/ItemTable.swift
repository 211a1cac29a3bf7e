import Foundation

/// Reads a CSV file (RFC 4180) with a header line and the columns `path`, `label`, `group` and, if wanted, `method` and
/// `dataset`; paths are relative to the file's folder.
public enum ItemTable {
  public static func read(_ path: String, dataset: String? = nil) throws(DatasetsError) -> Reading {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw .file(path: path, problem: "cannot be read as text: \(error.localizedDescription)")
    }
    var rows = try CSVRows.parse(text, path: path)
    guard !rows.isEmpty else { throw .format(path: path, line: nil, problem: "is empty") }
    let header = rows.removeFirst().fields.map { $0.trimmed.lowercased() }
    func column(_ name: String) -> Int? { header.firstIndex(of: name) }
    guard let pathColumn = column("path"), let labelColumn = column("label"), let groupColumn = column("group") else {
      throw .format(path: path, line: 1, problem: "the header needs the columns path, label and group")
    }
    let root = URL(fileURLWithPath: path).deletingLastPathComponent()
    var reading = Reading()
    for row in rows {
      guard row.fields.count == header.count else {
        throw .format(
          path: path, line: row.line, problem: "\(row.fields.count) fields where the header has \(header.count)")
      }
      func optional(_ name: String) -> String? {
        column(name).map { row.fields[$0].trimmed }.flatMap { $0.isEmpty ? nil : $0 }
      }
      let file = URL(fileURLWithPath: row.fields[pathColumn], relativeTo: root).standardizedFileURL.path
      guard let label = Label(text: row.fields[labelColumn]) else {
        reading.problems.append(DatasetProblem(.unknownLabel, file, "'\(row.fields[labelColumn])' in line \(row.line)"))
        continue
      }
      guard let kind = LabelledItem.Kind(fileName: file) else {
        reading.problems.append(DatasetProblem(.unknownName, file, "is neither a video nor a picture by its ending"))
        continue
      }
      let set = optional("dataset") ?? dataset ?? path.stem
      reading.items.append(
        LabelledItem(
          path: file, label: label, group: "\(set):\(row.fields[groupColumn].trimmed)",
          method: optional("method") ?? (label == .real ? LabelledItem.realMethod : "fake"), dataset: set, kind: kind))
    }
    return reading
  }
}
