import Files
import Foundation

/// Writes a model file under a temporary name and renames it, so that a reader never sees a partial file.
///
/// - Throws: `ModelsError.file` that says why it cannot be written.
func writeModelFile(_ bytes: Data, to path: String) throws(ModelsError) {
  do {
    try AtomicFile.write(bytes, to: path)
  } catch {
    throw .file(path: path, problem: "cannot be written: \(error.reason)")
  }
}
