import Files
import Foundation
import Runs

/// The finished cells of a study, stored in its folder.
struct StudyJournal {
  static let fileName = "cells.jsonl"
  /// Subfolder for files that cells share or leave behind.
  static let workName = "work"

  private let log: LineLog<StudyRecord>
  private var records: [StudyCell: StudyRecord]

  /// Opens the journal in a folder, or creates it.
  ///
  /// - Parameter restart: removes the files of an earlier study run, and nothing else.
  /// - Throws: `WorkflowError.settings` when an earlier run had other settings, data or models, or when files with a
  ///   study's names do not provably belong to a study.
  init(folder: String, identity: StudyIdentity, restart: Bool) throws {
    let settingsPath = "\(folder)/\(StudyIdentity.fileName)"
    if let earlier = try Self.earlier(in: folder) {
      if restart {
        try Self.removeStudy(in: folder)
      } else {
        let differences = identity.differences(from: earlier)
        guard differences.isEmpty else {
          throw WorkflowError.settings(
            "\(folder) holds a study that differs: \(differences.joined(separator: "; ")). Choose another folder with -o, "
              + "or start over with --restart")
        }
      }
    }
    try writeOutput(try readableJSON(identity), to: settingsPath)
    try makeOutputFolder("\(folder)/\(Self.workName)")
    log = try openLog("\(folder)/\(Self.fileName)")
    records = Dictionary(log.found.map { ($0.cell, $0) }) { $1 }
  }

  /// Identity of the study in the folder; nil if there is none.
  ///
  /// - Throws: `WorkflowError.settings` when a file has a name that studies use but belongs to the user. It is neither
  ///   overwritten nor removed.
  private static func earlier(in folder: String) throws(WorkflowError) -> StudyIdentity? {
    let path = "\(folder)/\(StudyIdentity.fileName)"
    if let data = FileManager.default.contents(atPath: path) {
      // The reason why it is unreadable does not matter.
      if let earlier = try? JSONDecoder().decode(StudyIdentity.self, from: data) { return earlier }
      throw .settings("\(path) does not belong to a study: choose another folder with -o")
    }
    for name in [fileName, workName] where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
      throw .settings(
        "\(folder) holds '\(name)' without the \(StudyIdentity.fileName) that a study leaves beside it: choose another "
          + "folder with -o, or remove it yourself")
    }
    return nil
  }

  private static func removeStudy(in folder: String) throws(WorkflowError) {
    // The file that marks the others as a study's is removed last.
    for name in [fileName, workName, StudyIdentity.fileName] {
      let path = "\(folder)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      do { try FileManager.default.removeItem(atPath: path) } catch {
        throw .output(path: path, why: explanation(of: error))
      }
    }
  }

  subscript(cell: StudyCell) -> StudyRecord? { records[cell] }

  mutating func append(_ record: StudyRecord) throws {
    try log.record(record)
    records[record.cell] = record
  }
}
