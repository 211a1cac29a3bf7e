import Decoder
import Models
import Runs
import Scoring

extension StudySource {
  init(_ model: LoadedModel) {
    self.init(name: "model \(model.detector.name)", path: model.path, sha256: model.sha256)
  }

  /// - Parameter cropSet: folder of the crop set; its index holds a hash of each crop.
  /// - Throws: `WorkflowError.input` when it cannot be read.
  init(name: String, cropSet folder: String) throws(WorkflowError) {
    self.init(name: name, path: folder, sha256: try FileHash.ofCropSet(folder))
  }

  /// - Parameters:
  ///   - path: path that stands for all files.
  ///   - root: folder whose own path is excluded from the hash.
  init(name: String, path: String, files: [String], relativeTo root: String) throws(WorkflowError) {
    self.init(name: name, path: path, sha256: try FileHash.combined(files, relativeTo: root))
  }
}
