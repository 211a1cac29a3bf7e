import Files
import Foundation
import Runs
import Verdicts

/// The rows of either kind of manifest.
enum ManifestRows {
  /// The file to read for a path that may be a run's output folder.
  static func file(of path: String) -> String {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return isFolder.boolValue ? path + "/manifest.jsonl" : path
  }

  /// Calls `body` with each row; those of a `manifest.jsonl` are not held in memory.
  ///
  /// - Throws: `WorkflowError.input` or `VerdictsError` when the file is not a manifest of this version.
  static func forEach(in file: String, _ body: (VideoRecord) throws -> Void) throws {
    guard file.hasSuffix(".json") else {
      var lines = try ByteLines(path: file)
      while let line = try lines.next() { try body(try ManifestJSON.record(line: line, file: file)) }
      return
    }
    let manifest: Manifest
    do { manifest = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: URL(filePath: file))) } catch {
      throw WorkflowError.input(path: file, why: "not a manifest (\(explanation(of: error)))")
    }
    for record in manifest.videos { try body(record) }
  }
}
