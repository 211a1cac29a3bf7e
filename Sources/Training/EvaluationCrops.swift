import Datasets
import Foundation
import Imaging
import Models
import Runs

/// The crops to evaluate: those of a crop set, or crops extracted temporarily from labelled videos.
struct EvaluationCrops {
  let set: CropSet
  /// Folder to remove afterwards, if created here.
  private let temporary: String?

  /// - Throws: `DatasetsError.view` when the crops show too little context for the model; errors of the extraction.
  init(_ options: EvaluateOptions, model: DetectorModel) throws {
    let settings = model.cropSettings
    if FileManager.default.fileExists(atPath: options.data + "/" + CropSet.headerName) {
      set = try CropSet(folder: options.data).viewed(size: settings.size, framing: settings.framing)
      temporary = nil
    } else {
      let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)").path
      var crops = CropsOptions(inputs: [options.data], output: folder)
      crops.size = settings.size
      crops.framing = settings.framing
      crops.quiet = options.quiet
      do {
        if let signal = try extractCrops(crops).interruptedBy {
          throw WorkflowError.interrupted(
            signal: signal, rest: "not all files were read, so nothing was measured; start it again")
        }
      } catch {
        Self.remove(folder)
        throw error
      }
      set = try CropSet(folder: folder)
      temporary = folder
    }
  }

  func remove() {
    if let temporary { Self.remove(temporary) }
  }

  private static func remove(_ folder: String) {
    // A leftover folder is in the system's temporary directory.
    try? FileManager.default.removeItem(atPath: folder)
  }
}
