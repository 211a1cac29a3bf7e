import Digests
import Files
import Foundation
package import Models
package import Runs

/// A model that was read from its file and reproduced its golden output.
package struct LoadedModel: Sendable {
  package let detector: DetectorModel
  /// Hash of the file, lower-case hexadecimal.
  package let sha256: String
  package let path: String
  /// Whether it is built in and must not be modified.
  package var isBuiltIn = false

  package init(detector: DetectorModel, sha256: String, path: String, isBuiltIn: Bool = false) {
    self.detector = detector
    self.sha256 = sha256
    self.path = path
    self.isBuiltIn = isBuiltIn
  }
}

/// - Parameter path: a model file, or a built-in model as parsed by `DetectorModel.builtInName`; nil for the standard
///   one.
/// - Throws: `WorkflowError.model` when it cannot be read, is damaged or does not reproduce its golden output.
package func loadModel(at path: String?) throws(WorkflowError) -> LoadedModel {
  do {
    let name = DetectorModel.builtInName(path)
    let file = if let name { try DetectorModel.builtInPath(name) } else { path ?? "" }
    let bytes = try Data(contentsOf: URL(filePath: file))
    let detector = try DetectorModel(fileBytes: bytes)
    try detector.verifyGoldenOutput()
    return LoadedModel(detector: detector, sha256: SHA256.hexadecimal(of: bytes), path: file, isBuiltIn: name != nil)
  } catch {
    throw .model(path: path ?? "that is built in", why: explanation(of: error))
  }
}
