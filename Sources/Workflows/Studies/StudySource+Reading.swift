import Datasets
import Digests
import Foundation
import Models

extension StudySource {
  init(_ model: LoadedModel) {
    self.init(name: "model \(model.detector.name)", path: model.path, sha256: model.sha256)
  }

  /// - Parameter cropSet: the folder of one; its index holds a hash of each crop.
  /// - Throws: `WorkflowError.input` when it cannot be read.
  init(name: String, cropSet folder: String) throws(WorkflowError) {
    let files = ["crops.json", "index.jsonl"].map { "\(folder)/\($0)" }
    try self.init(name: name, path: folder, files: files, relativeTo: folder)
  }

  /// - Parameters:
  ///   - path: what the files are called together.
  ///   - root: folder whose name is no part of the content.
  init(name: String, path: String, files: [String], relativeTo root: String) throws(WorkflowError) {
    var text = ""
    for file in files {
      guard let handle = FileHandle(forReadingAtPath: file),
        let hash = FileHash(of: handle.fileDescriptor, timeLimitSeconds: 3600).text
      else { throw .input(path: file, why: "it cannot be read") }
      let name = file.hasPrefix(root + "/") ? String(file.dropFirst(root.count + 1)) : file
      text += "\(name)\0\(hash)\n"
    }
    self.init(name: name, path: path, sha256: SHA256.hexadecimal(of: text.utf8))
  }
}
