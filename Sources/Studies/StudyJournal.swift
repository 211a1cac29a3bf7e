import Files
import Foundation
import Runs

/// The cells of a study that are finished, in its folder.
struct StudyJournal {
  static let fileName = "cells.jsonl"
  /// What cells share or leave behind, below the study's folder.
  static let workName = "work"

  private let log: LineLog<StudyRecord>
  private var records: [StudyCell: StudyRecord]

  /// Opens the journal of a folder, or starts it.
  ///
  /// - Parameter restart: removes what an earlier run of any study left there, and nothing else.
  /// - Throws: `WorkflowError.settings` when an earlier run had other settings, data or models, or when files that are
  ///   called like a study's are not known to be one's.
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
              + "or begin anew with --restart")
        }
      }
    }
    try writeOutput(try readableJSON(identity), to: settingsPath)
    try makeOutputFolder("\(folder)/\(Self.workName)")
    log = try openLog("\(folder)/\(Self.fileName)")
    records = Dictionary(log.found.map { ($0.cell, $0) }) { $1 }
  }

  /// Whose study the folder holds; nil where it holds none.
  ///
  /// - Throws: `WorkflowError.settings` when something there has a name that a study gives its own: it is the user's, and
  ///   neither written to nor removed.
  private static func earlier(in folder: String) throws(WorkflowError) -> StudyIdentity? {
    let path = "\(folder)/\(StudyIdentity.fileName)"
    if let data = FileManager.default.contents(atPath: path) {
      // Why it cannot be read as a study's is no matter.
      if let earlier = try? JSONDecoder().decode(StudyIdentity.self, from: data) { return earlier }
      throw .settings("\(path) is not that of a study: choose another folder with -o")
    }
    for name in [fileName, workName] where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
      throw .settings(
        "\(folder) holds '\(name)' without the \(StudyIdentity.fileName) that a study leaves beside it: choose another "
          + "folder with -o, or remove it yourself")
    }
    return nil
  }

  private static func removeStudy(in folder: String) throws(WorkflowError) {
    // What says that the rest is a study's goes last.
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
