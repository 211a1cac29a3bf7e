import Foundation
import Runs

/// Training settings stored in a checkpoint's metadata; training resumes only with the same settings.
enum CheckpointSettings {
  private static let key = "assay.settings"

  /// Metadata to store in the checkpoint.
  static func metadata(_ recorded: [String: String]) throws -> [String: String] {
    [key: String(decoding: try JSONEncoder().encode(recorded), as: UTF8.self)]
  }

  /// Settings in a checkpoint's metadata; none if they are missing.
  static func read(_ metadata: [String: String]) -> [String: String] {
    let bytes = Data((metadata[key] ?? "{}").utf8)
    // Metadata in another form count as a difference in every setting.
    return (try? JSONDecoder().decode([String: String].self, from: bytes)) ?? [:]
  }

  /// - Throws: `WorkflowError.settings` naming the checkpoint's options if the settings differ.
  static func check(_ metadata: [String: String], against recorded: [String: String]) throws {
    let settings = read(metadata)
    let differing = recorded.filter { settings[$0.key] != $0.value }.keys.sorted()
    guard differing.isEmpty else {
      let were = differing.map { key in
        settings[key].flatMap { RecordedSettings.option(key, $0) } ?? "no --\(key)"
      }.joined(separator: " ")
      throw WorkflowError.settings("the checkpoint was made with other settings; to resume it, use \(were)")
    }
  }
}
