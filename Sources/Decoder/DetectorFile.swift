import Files
import Compute
import Digests
package import Faces
import Foundation
import ONNX
package import Runs

/// The ONNX file of a face detector, in memory: a detector is made of it for each size of frame.
package struct DetectorFile: Sendable {
  /// `yunet-` and the beginning of the file's SHA-256, as manifests and crop contracts name it.
  package let name: String
  private let bytes: Data
  private let folder: String

  /// - Throws: `WorkflowError.input` when the file cannot be read.
  package init(path: String) throws(WorkflowError) {
    do {
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw .input(path: path, why: explanation(of: error))
    }
    folder = URL(filePath: path).deletingLastPathComponent().path
    name = "yunet-" + SHA256.hexadecimal(of: bytes).prefix(12)
  }

  /// - Throws: `FacesError` when it is no network of this kind.
  package func detector() throws(FacesError) -> YuNetFaceDetector {
    try YuNetFaceDetector(name: name) { size in
      try ONNXFile.read(bytes, folder: folder, inputSize: size).network
    }
  }

  /// The name of the detector that a run uses, once it is known to work.
  ///
  /// - Parameters:
  ///   - choice: `hog` or `yunet`.
  ///   - path: the detector's file.
  /// - Throws: `WorkflowError.input` when the file is no detector.
  package static func checkedName(_ choice: String, path: String?) throws(WorkflowError) -> String {
    guard choice != "hog" else { return choice }
    guard let path else { throw .settings("--detector \(choice) needs --detector-model FILE.onnx") }
    let file = try DetectorFile(path: path)
    do {
      _ = try file.detector()
    } catch {
      throw .input(path: path, why: "\(error)")
    }
    return file.name
  }
}
