package import Attacks
package import Datasets
package import Decoder
package import Faces
package import Imaging
package import Runs
package import Verdicts

/// The face detector that checks whether the faces of attacked crops are still found.
package struct FaceSearch: Sendable {
  /// As manifests record it.
  package let detector: String
  private let choice: FaceDetectorChoice
  private let framing: FaceFraming

  /// - Parameters:
  ///   - choice: the detector; nil disables the search.
  ///   - settings: face-crop settings of the crop set.
  /// - Returns: nil without a detector, and for a set of whole frames, which no detector framed.
  /// - Throws: `WorkflowError` when the file is not a face detector.
  package init?(_ choice: FaceDetectorChoice?, crops settings: FaceCropSettings) throws(WorkflowError) {
    guard let choice, settings.detector != FaceOrigin.wholeFrame.rawValue else { return nil }
    self.choice = choice
    detector = try choice.checkedName()
    framing = settings.framing
  }

  /// Creates a search for use by one thread.
  ///
  /// - Parameter framing: framing of the crops to search; nil for that of the set.
  package func open(_ framing: FaceFraming? = nil) throws -> CropSearch {
    try CropSearch(choice, framing: framing ?? self.framing)
  }
}

extension DetectionChange {
  /// How reliably the face detector finds the faces of crops before and after an attack: videos frame by frame, each
  /// picture as a single frame with its own track, so that gaps occur only in videos.
  ///
  /// - Parameters:
  ///   - records: the crops; all crops in the set of each video.
  ///   - sightings: one per record.
  /// - Returns: nil if a crop was not checked.
  package init?(_ records: [CropRecord], _ sightings: [FaceSighting?]) {
    var frames: [(path: String, seconds: Double, before: Set<Int>, after: Set<Int>)] = []
    var tracks: [String: Int] = [:]
    let order = records.indices.sorted {
      (records[$0].item.path, records[$0].seconds) < (records[$1].item.path, records[$1].seconds)
    }
    for index in order {
      guard let sighting = sightings[index] else { return nil }
      let record = records[index]
      let key = "\(record.item.path)\n\(record.track)"
      let track = tracks[key] ?? tracks.count
      tracks[key] = track
      if frames.last.map({ $0.path != record.item.path || $0.seconds != record.seconds }) ?? true {
        frames.append((record.item.path, record.seconds, [], []))
      }
      if sighting.before { frames[frames.count - 1].before.insert(track) }
      if sighting.after { frames[frames.count - 1].after.insert(track) }
    }
    guard !frames.isEmpty else { return nil }
    self.init(
      clean: DetectionRecord(tracksByFrame: frames.map(\.before)),
      perturbed: DetectionRecord(tracksByFrame: frames.map(\.after)))
  }
}
