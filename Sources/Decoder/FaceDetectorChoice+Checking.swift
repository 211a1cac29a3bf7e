package import Faces
package import Runs

extension FaceDetectorChoice {
  /// The name that manifests and crop contracts record, once the detector is known to work.
  ///
  /// - Throws: `WorkflowError.settings` without the model file that the kind needs, `.input` when the file is not a
  ///   detector of this kind.
  package func checkedName() throws(WorkflowError) -> String {
    do {
      let model = try load()
      if modelPath != nil { _ = try model.make() }
      return model.name
    } catch {
      switch error {
      case .modelMissing: throw .usage("\(error)")
      case .modelUnreadable(let path, let reason): throw .input(path: path, why: reason)
      case .detectorUnavailable, .detectionFailed: throw .input(path: modelPath ?? kind.rawValue, why: "\(error)")
      }
    }
  }
}

extension FaceOrigin {
  /// What manifests and crop contracts record as the face detector: whole frames are framed by none.
  ///
  /// - Parameter name: of the detector that looks for faces otherwise.
  package func recordedDetector(_ name: String) -> String { self == .wholeFrame ? rawValue : name }
}
