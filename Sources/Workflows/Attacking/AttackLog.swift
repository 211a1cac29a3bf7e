import Attacks
import Foundation
import Synchronization

/// What has been attacked so far, a JSON line for each crop under each attack, so that a run can go on where it stopped.
final class AttackLog: Sendable {
  /// One crop under one attack.
  struct Entry: Sendable, Codable, Hashable {
    var model: String
    var attack: String
    /// nil where the attack looks for the smallest perturbation without a limit.
    var epsilon: Float?
    /// Position in the crop set.
    var crop: Int
  }

  struct Line: Sendable, Codable {
    var entry: Entry
    var outcome: AttackOutcome
  }

  static let fileName = "outcomes.jsonl"
  static let settingsName = "settings.json"

  private let handle: FileHandle
  private let path: String
  private let lines: Mutex<[Entry: AttackOutcome]>

  /// Opens the log of a folder, or starts it.
  ///
  /// - Parameter settings: what decides the outcomes; a log that was made with others is refused.
  /// - Throws: `WorkflowError.settings` and `.output`.
  init(folder: String, settings: [String: String]) throws {
    path = "\(folder)/\(Self.fileName)"
    try Self.agree(on: settings, folder: folder)
    var known: [Entry: AttackOutcome] = [:]
    var whole = 0
    let data = (try? Data(contentsOf: URL(filePath: path))) ?? Data()
    let decoder = JSONDecoder()
    for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      // A line that cannot be read ends what is known: the crops behind it are attacked again.
      guard let value = try? decoder.decode(Line.self, from: line) else { break }
      known[value.entry] = value.outcome
      whole += line.count + 1
    }
    do {
      if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
      handle = try FileHandle(forUpdating: URL(filePath: path))
      try handle.truncate(atOffset: UInt64(whole))
    } catch {
      throw WorkflowError.output(path: path, why: error.localizedDescription)
    }
    lines = Mutex(known)
  }

  subscript(entry: Entry) -> AttackOutcome? { lines.withLock { $0[entry] } }

  func append(_ entry: Entry, _ outcome: AttackOutcome) throws {
    var data = try JSONEncoder.sorted.encode(Line(entry: entry, outcome: outcome))
    data.append(UInt8(ascii: "\n"))
    do {
      try lines.withLock { lines in
        try handle.write(contentsOf: data)
        lines[entry] = outcome
      }
    } catch {
      throw WorkflowError.output(path: path, why: error.localizedDescription)
    }
  }

  private static func agree(on settings: [String: String], folder: String) throws {
    let path = "\(folder)/\(settingsName)"
    let text = try readableJSON(settings)
    guard let known = try? String(contentsOfFile: path, encoding: .utf8) else {
      do { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
        throw WorkflowError.output(path: path, why: error.localizedDescription)
      }
      return
    }
    guard known == text else {
      throw WorkflowError.settings(
        "\(folder) holds a run with other settings (\(settingsName)): choose another folder with -o, or delete it")
    }
  }
}

extension JSONEncoder {
  static var sorted: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
