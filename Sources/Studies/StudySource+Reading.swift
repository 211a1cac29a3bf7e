import Decoder
import Models
import Runs
import Scoring

extension StudySource {
  init(_ model: LoadedModel) {
    self.init(name: "model \(model.detector.name)", path: model.path, sha256: model.sha256)
  }

  /// - Parameter cropSet: the folder of one; its index holds a hash of each crop.
  /// - Throws: `WorkflowError.input` when it cannot be read.
  init(name: String, cropSet folder: String) throws(WorkflowError) {
    self.init(name: name, path: folder, sha256: try FileHash.ofCropSet(folder))
  }

  /// - Parameters:
  ///   - path: what the files are called together.
  ///   - root: folder whose name is no part of the content.
  init(name: String, path: String, files: [String], relativeTo root: String) throws(WorkflowError) {
    self.init(name: name, path: path, sha256: try FileHash.combined(files, relativeTo: root))
  }
}
