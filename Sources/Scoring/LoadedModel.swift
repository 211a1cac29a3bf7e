import Files
import Digests
import Foundation
package import Models
package import Runs

/// A model file that has proved itself: read, and its golden output reproduced.
package struct LoadedModel: Sendable {
  package let detector: DetectorModel
  /// Of the file, lower-case hexadecimal.
  package let sha256: String
  package let path: String
  /// Comes with the program, and is not to be changed.
  package var isBuiltIn = false

  package init(detector: DetectorModel, sha256: String, path: String, isBuiltIn: Bool = false) {
    self.detector = detector
    self.sha256 = sha256
    self.path = path
    self.isBuiltIn = isBuiltIn
  }
}

/// - Parameter path: a model file, or a built-in model as `DetectorModel.builtInName` reads it; nil takes the standard one.
/// - Throws: `WorkflowError.model` when it cannot be read, is damaged or does not give its golden output here.
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
