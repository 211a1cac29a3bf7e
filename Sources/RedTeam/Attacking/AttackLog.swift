package import Attacks
import Files
import Foundation
import Runs
import Synchronization

/// Log of finished attacks, one JSON line per crop and attack, from which an interrupted run resumes.
package final class AttackLog: Sendable {
  /// One crop under one attack.
  package struct Entry: Sendable, Codable, Hashable {
    package var model: String
    package var attack: String
    /// Nil if the attack searches for the smallest perturbation without a limit.
    package var epsilon: Float?
    /// Index in the crop set.
    package var crop: Int
  }

  struct Line: Sendable, Codable {
    var entry: Entry
    var outcome: AttackOutcome
  }

  package static let fileName = "outcomes.jsonl"
  static let settingsName = "settings.json"

  private let log: LineLog<Line>
  private let lines: Mutex<[Entry: AttackOutcome]>

  /// Opens the log in a folder, or creates it.
  ///
  /// - Parameter settings: settings that determine the outcomes; a log made with other settings is rejected.
  /// - Throws: `WorkflowError.settings` and `.output`.
  init(folder: String, settings: [String: String]) throws {
    try Self.agree(on: settings, folder: folder)
    log = try openLog("\(folder)/\(Self.fileName)")
    // Crops from a damaged line on are attacked again.
    lines = Mutex(Dictionary(log.found.map { ($0.entry, $0.outcome) }) { $1 })
  }

  subscript(entry: Entry) -> AttackOutcome? { lines.withLock { $0[entry] } }

  package func append(_ entry: Entry, _ outcome: AttackOutcome) throws {
    try lines.withLock { lines in
      try log.record(Line(entry: entry, outcome: outcome))
      lines[entry] = outcome
    }
  }

  private static func agree(on settings: [String: String], folder: String) throws {
    let path = "\(folder)/\(settingsName)"
    let text = try readableJSON(settings)
    guard let known = try? String(contentsOfFile: path, encoding: .utf8) else {
      return try writeOutput(text, to: path)
    }
    guard known == text else {
      let others = (try? JSONDecoder().decode([String: String].self, from: Data(known.utf8))) ?? [:]
      let names = Set(others.keys).union(settings.keys).filter { others[$0] != settings[$0] }.sorted()
      throw WorkflowError.settings(
        "\(folder) holds a run with other settings (\(names.joined(separator: ", ")) in \(settingsName)): choose another folder with -o, or delete it"
      )
    }
  }
}
