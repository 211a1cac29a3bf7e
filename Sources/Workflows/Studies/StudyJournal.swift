import Foundation

/// The cells of a study that are finished, in its folder.
struct StudyJournal {
  static let fileName = "cells.jsonl"
  /// What cells share or leave behind, below the study's folder.
  static let workName = "work"

  private let log: LineLog<StudyRecord>
  private var records: [StudyCell: StudyRecord]

  /// Opens the journal of a folder, or starts it.
  ///
  /// - Parameter restart: removes what an earlier run of any study left there.
  /// - Throws: `WorkflowError.settings` when an earlier run had other settings, data or models.
  init(folder: String, identity: StudyIdentity, restart: Bool) throws {
    let settingsPath = "\(folder)/\(StudyIdentity.fileName)"
    if restart {
      for name in [Self.fileName, Self.workName, StudyIdentity.fileName] {
        let path = "\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        do { try FileManager.default.removeItem(atPath: path) } catch {
          throw WorkflowError.output(path: path, why: error.localizedDescription)
        }
      }
    }
    if let data = FileManager.default.contents(atPath: settingsPath) {
      guard let earlier = try? JSONDecoder().decode(StudyIdentity.self, from: data) else {
        throw WorkflowError.settings(
          "\(settingsPath) is not that of a study: choose another folder with -o, or begin anew with --restart")
      }
      let differences = identity.differences(from: earlier)
      guard differences.isEmpty else {
        throw WorkflowError.settings(
          "\(folder) holds a study that differs: \(differences.joined(separator: "; ")). Choose another folder with -o, "
            + "or begin anew with --restart")
      }
    } else if FileManager.default.fileExists(atPath: "\(folder)/\(Self.fileName)") {
      throw WorkflowError.settings(
        "\(folder) holds cells without \(StudyIdentity.fileName): choose another folder, or begin anew with --restart")
    }
    do {
      try Data(readableJSON(identity).utf8).write(to: URL(filePath: settingsPath), options: .atomic)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(Self.workName)", withIntermediateDirectories: true)
    } catch {
      throw WorkflowError.output(path: settingsPath, why: error.localizedDescription)
    }
    log = try LineLog(path: "\(folder)/\(Self.fileName)")
    records = Dictionary(log.found.map { ($0.cell, $0) }) { $1 }
  }

  subscript(cell: StudyCell) -> StudyRecord? { records[cell] }

  mutating func append(_ record: StudyRecord) throws {
    try log.append(record)
    records[record.cell] = record
  }
}
