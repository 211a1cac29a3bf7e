package import Datasets
import Imaging
import Models
import Runs

extension LoadedModel {
  /// How the face-crop settings of a crop set differ from those that the model was trained with; nil where they agree.
  package func cropSettingsWarning(for set: CropSet) -> String? {
    let differences = detector.cropSettings.differences(from: set.header.crops)
    guard !differences.isEmpty else { return nil }
    return "\(detector.name): \(differences.joined(separator: "; ")): its scores and thresholds may not hold for them"
  }

  /// Writes that warning to stderr, if there is one.
  package func warnAboutCropSettings(of set: CropSet) {
    if let warning = cropSettingsWarning(for: set) { writeToStandardError("warning: \(warning)\n") }
  }
}
