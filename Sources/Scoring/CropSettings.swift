package import Datasets
package import Models
import Runs

extension Models.CropContract {
  /// The face-crop settings of a crop set as it is read.
  package init(_ header: CropSetHeader) {
    let contract = header.contract
    self.init(
      detector: contract.detector, framing: contract.framing, filter: contract.filter, size: header.size)
  }
}

extension LoadedModel {
  /// How the face-crop settings of a crop set differ from those that the model was trained with; nil where they agree.
  package func cropSettingsWarning(for set: CropSet) -> String? {
    let differences = detector.cropContract.differences(from: Models.CropContract(set.header))
    guard !differences.isEmpty else { return nil }
    return "\(detector.name): \(differences.joined(separator: "; ")): its scores and thresholds may not hold for them"
  }

  /// Writes that warning to stderr, if there is one.
  package func warnAboutCropSettings(of set: CropSet) {
    if let warning = cropSettingsWarning(for: set) { writeToStandardError("warning: \(warning)\n") }
  }
}
