import Foundation
import Runs

/// The settings that a checkpoint was made with, in its metadata: training goes on with no others.
enum CheckpointSettings {
  private static let key = "assay.settings"

  /// What the checkpoint's metadata is to hold.
  static func metadata(_ recorded: [String: String]) throws -> [String: String] {
    [key: String(decoding: try JSONEncoder().encode(recorded), as: UTF8.self)]
  }

  /// - Throws: `WorkflowError.settings` when the checkpoint was made with others, with the options that it takes.
  static func check(_ metadata: [String: String], against recorded: [String: String]) throws {
    let settings = try JSONDecoder().decode([String: String].self, from: Data((metadata[key] ?? "{}").utf8))
    let differing = recorded.filter { settings[$0.key] != $0.value }.keys.sorted()
    guard differing.isEmpty else {
      let were = differing.map { key in
        settings[key].flatMap { RecordedSettings.option(key, $0) } ?? "no --\(key)"
      }.joined(separator: " ")
      throw WorkflowError.settings("the checkpoint was made with other settings; to go on with it say \(were)")
    }
  }
}
