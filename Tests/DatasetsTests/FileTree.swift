import Foundation
import TestSupport

/// A scratch folder filled with text files, removed with the value.
final class FileTree {
  private let scratch: ScratchFolder
  var path: String { scratch.path }

  /// - Parameter files: text by path relative to the folder.
  init(_ files: [String: String]) throws {
    scratch = ScratchFolder()
    for (name, text) in files {
      let url = URL(fileURLWithPath: scratch.path + "/" + name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }
}
