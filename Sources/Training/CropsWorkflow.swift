import Datasets
package import Decoder
package import Faces
import Foundation
package import Imaging
import Media
import Pipeline
import Runs

/// Content of labelled pictures.
package enum PictureFraming: String, Sendable, CaseIterable {
  /// Arbitrary scenes, as in videos: the face detector searches for faces.
  case scenes
  /// One face, framed like the crops of the set: the whole picture is the crop.
  case crops
  /// One face with foreign framing: the face is detected again and cut as in a scan. If no face is found, the usual
  /// face position of the data set is used.
  case recut

  /// Face origin recorded for pictures; nil for the origin recorded for videos.
  var origin: FaceOrigin? {
    switch self {
    case .scenes: nil
    case .crops: .wholeFrame
    case .recut: .recut
    }
  }
}

/// Settings of `assay crops`.
package struct CropsOptions: Sendable {
  package var inputs: [String]
  package var output: String
  package var frames = 16
  package var faces = FaceOrigin.detect
  package var detector = FaceDetectorKind.usual
  /// Model file of the face detector; nil for one that needs none.
  package var detectorModel: String?
  package var pictures = PictureFraming.scenes
  /// Enough for every architecture of the catalogue at the usual margin: the largest takes 380 pixels, and a view may
  /// have a fifth fewer.
  package var size = 304
  package var framing = FaceFraming(margin: 0.3)
  package var workers = 2
  package var timeoutSeconds = 300
  /// Whether to write a page that shows the training augmentations on some crops.
  package var showsAugmentations = false
  package var quiet = false

  package init(inputs: [String], output: String) {
    self.inputs = inputs
    self.output = output
  }

  var faceDetector: FaceDetectorChoice { FaceDetectorChoice(detector, modelPath: detectorModel) }
}

/// Result of an extraction.
package struct CropsSummary: Sendable {
  package let table: String
  package let interruptedBy: Int32?
}

/// Extracts the face crops of labelled videos and pictures into a crop set; resumes an interrupted run.
///
/// Crops are stored in item order, whichever worker finishes first, so equal data give an equal set.
///
/// - Throws: `WorkflowError` or `DatasetsError` when the data cannot be read or the set cannot be written.
package func extractCrops(_ options: CropsOptions) throws -> CropsSummary {
  let prober = ContentProber()
  let reading = try LabelledData.read(options.inputs, isVideo: { prober.isVideo(Array($0.utf8)) })
  let problems = reading.problems + ItemCheck.problems(in: reading.items)
  if !problems.isEmpty { writeToStandardError(problems.table() + "\n") }
  guard !reading.items.isEmpty else {
    throw WorkflowError.input(
      path: options.inputs.joined(separator: ", "), why: "contains no labelled video or picture")
  }
  let detector = try options.faceDetector.checkedName()
  let lock = try OutputLock(folder: options.output)
  defer { withExtendedLifetime(lock) {} }
  let origin = options.faces
  let settings = FaceCropSettings(
    detector: origin.recordedDetector(detector), framing: options.framing, size: options.size)
  var writer = try CropSetWriter(folder: options.output, header: CropSetHeader(settings))
  let items = reading.items.filter { !writer.isComplete($0.path) }
  let progress = ProgressLine(unit: "files", total: items.count, quiet: options.quiet)
  let interruption = Interruption.shared
  interruption.install()

  let usualFaces = try options.pictures == .recut ? measureUsualFaces(reading.items, options, interruption) : [:]
  let faults = FaultLog()
  let run = PipelineRun()
  interruption.onRequest { run.stop() }
  let results = startExtraction(
    items, options: options, origin: origin, usualFaces: usualFaces, run: run, faults: faults)
  var waiting: [Int: CropStage.Output] = [:]
  var next = 0
  var empty = 0
  var placed = 0
  while let result = results.pop() {
    waiting[result.number] = result
    while let ready = waiting.removeValue(forKey: next) {
      if ready.crops.isEmpty { empty += 1 }
      if ready.isPlaced { placed += 1 }
      do { try writer.append(ready.crops, of: items[next], problem: ready.problem) } catch {
        faults.record(error)
        run.cancel()
        break
      }
      next += 1
      progress.advance(note: "\(counted(writer.count, "crops")), \(counted(empty, "files")) without")
    }
  }
  run.wait()
  progress.finish()
  if let fault = faults.first ?? run.faults.first { throw fault }
  try writer.synchronise()
  let set = try CropSet(folder: options.output)
  var table = summaryTable(set, folder: options.output)
  if placed > 0 {
    table +=
      "\n\(placed == 1 ? "1 face was" : "\(placed) faces were") not detected and cropped at the usual position of their data set"
  }
  if let signal = interruption.signal {
    table =
      "interrupted: \(items.count - next) of \(counted(items.count, "files")) are still to be read; the same command "
      + "goes on with them\n" + table
    return CropsSummary(table: table, interruptedBy: signal)
  }
  if items.isEmpty {
    table +=
      "\nnothing was added: all files are in the set, as an earlier run read them; other settings need another -o"
  }
  guard set.count > 0 else {
    throw WorkflowError.input(
      path: options.inputs.joined(separator: ", "), why: "no face crop could be extracted:\n" + table)
  }
  if options.showsAugmentations {
    let path = options.output + "/augmentations.html"
    try AugmentationSheet(set).write(to: path)
    table += "\naugmentations: \(path)"
  }
  return CropsSummary(table: table, interruptedBy: interruption.signal)
}

private func startExtraction(
  _ items: [LabelledItem], options: CropsOptions, origin: FaceOrigin, usualFaces: [String: Box], run: PipelineRun,
  faults: FaultLog
) -> BoundedQueue<CropStage.Output> {
  let numbered: BoundedQueue<CropStage.Input> = run.source("items", capacity: max(options.workers, 1)) { emit in
    for (number, item) in items.enumerated() where !emit((number, item)) { return }
  }
  return run.attach(
    to: numbered, workers: options.workers, capacity: 8,
    make: { _ in
      CropStage(
        decoderClient(options, origin), size: options.size, pictures: options.pictures, usualFaces: usualFaces)
    },
    onFailure: { _, failure, _ in
      faults.record(failure.underlying)
      run.cancel()
    })
}

private func decoderClient(_ options: CropsOptions, _ origin: FaceOrigin) -> DecoderClient {
  let request = DecodeRequest(
    frames: options.frames, mode: .exact, faces: origin, framing: options.framing,
    cropSize: options.size, cpuSeconds: options.timeoutSeconds)
  return DecoderClient(
    request: request, detector: options.faceDetector, timeoutSeconds: options.timeoutSeconds,
    memoryMiB: DecoderClient.defaultMemoryMiB, filesPerProcess: 1000, followSymlinks: true)
}

/// Measures the usual face position in ready-made crops, by data set.
private func measureUsualFaces(
  _ items: [LabelledItem], _ options: CropsOptions, _ interruption: Interruption
) throws -> [String: Box] {
  var client = decoderClient(options, .detect)
  let usual = try UsualFace(of: items, &client, framing: options.framing, interruption: interruption)
  if !options.quiet {
    for (dataset, place) in usual.places.sorted(by: { $0.key < $1.key }) {
      writeToStandardError(
        String(
          format: "%@: usual face: width %.0f %%, centre at %.0f %%, %.0f %% of the picture\n", dataset,
          100 * place.width, 100 * place.centerX, 100 * place.centerY))
    }
  }
  return usual.places
}

private func summaryTable(_ set: CropSet, folder: String) -> String {
  var counts: [String: (crops: Int, groups: Set<String>)] = [:]
  for item in set.items {
    let key = "\(item.dataset)\t\(item.label)\t\(item.method)"
    counts[key, default: (0, [])].crops += 1
    counts[key]?.groups.insert(item.group)
  }
  let rows = counts.sorted { $0.key < $1.key }.map { key, value in
    key.split(separator: "\t").map(String.init) + ["\(value.crops)", "\(value.groups.count)"]
  }
  let table = alignedTable(heading: ["DATASET", "LABEL", "METHOD", "CROPS", "SOURCES"], rows: rows)
  let failed = set.sources.count { $0.problem != nil }
  let faceless = set.sources.count { $0.crops == 0 && $0.problem == nil }
  return table + "\n\(counted(set.count, "crops")) of \(counted(set.sources.count, "files")) in \(folder)"
    + (failed > 0 ? "; \(counted(failed, "files")) could not be read or decoded" : "")
    + (faceless > 0 ? "; no face in \(faceless)" : "")
}
