import Digests
import Files
import Foundation
package import Models
package import Runs
import Verdicts

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

extension LoadedModel {
  /// Warns on stderr if scores and thresholds of the model were never fitted.
  package func warnIfUncalibrated() {
    guard !detector.calibration.isFitted else { return }
    writeToStandardError("warning: \(path): \(ModelCardRecord.uncalibrated)\n")
  }
}

/// - Parameter path: a model file, or a built-in model as parsed by `DetectorModel.builtInName`; nil for the standard
///   one.
/// - Throws: `WorkflowError.model` when it cannot be read, is damaged or does not reproduce its golden output.
package func loadModel(at path: String?) throws(WorkflowError) -> LoadedModel {
  do {
    let name = DetectorModel.builtInName(path)
    let file = if let name { try DetectorModel.builtInPath(name) } else { placedModel(path ?? "") }
    let bytes = try Data(contentsOf: URL(filePath: file))
    let detector = try DetectorModel(fileBytes: bytes)
    try detector.verifyGoldenOutput()
    return LoadedModel(detector: detector, sha256: SHA256.hexadecimal(of: bytes), path: file, isBuiltIn: name != nil)
  } catch {
    let names = path.map(isMissingModel) == true ? "; \(builtInModels)" : ""
    throw .model(path: path ?? "that is built in", why: explanation(of: error) + names)
  }
}

/// The file of a model that is named: a path as it is, else `models/NAME.safetensors` in the nearest of
/// `SettingsFolders`, if it is there.
package func placedModel(_ text: String) -> String {
  guard !text.contains("/"), InputWalk.isMissing(Array(text.utf8)) else { return text }
  let name = text.hasSuffix(".safetensors") ? text : text + ".safetensors"
  return SettingsFolders.find("models/" + name) ?? text
}

/// `built-in models are standard, paper, hardened`.
package var builtInModels: String { "built-in models are \(DetectorModel.builtInNames.joined(separator: ", "))" }

/// Whether a text is neither the name of a built-in model nor the path of anything.
package func isMissingModel(_ text: String) -> Bool {
  DetectorModel.builtInName(text) == nil && InputWalk.isMissing(Array(placedModel(text).utf8))
}
