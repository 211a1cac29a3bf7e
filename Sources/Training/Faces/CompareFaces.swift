import Compute
import Datasets
package import Faces
import Files
import Foundation
import Imaging
import Media
import Runs

/// What `compareFaces` does.
package struct CompareFacesOptions: Sendable {
  /// Face sets made by `labelFaces`, of inputs that no detector was trained on.
  package var sets: [String]
  package var detector: FaceDetectorChoice
  /// The detector that the first one is compared with.
  package var reference: FaceDetectorChoice
  /// Folder for pictures of the faces that only one of them finds; nil: none are written.
  package var output: String?
  /// Score from which a detection of the first detector counts; nil: the detector's own.
  package var score: Float?
  package var workers = 1
  package var quiet = false

  package init(sets: [String], detector: FaceDetectorChoice, reference: FaceDetectorChoice) {
    self.sets = sets
    self.detector = detector
    self.reference = reference
  }
}

/// Result of a comparison of two face detectors.
package struct CompareFacesSummary: Sendable, Codable {
  package var detector: String
  package var reference: String
  /// Both against the annotations of the sets.
  package var detectorFigures: DetectorComparison
  package var referenceFigures: DetectorComparison
  /// The detector against the faces that the reference finds.
  package var againstReference: DetectorComparison
  /// Mean time of one search in milliseconds, alternating on the same thread.
  package var detectorMilliseconds: Double
  package var referenceMilliseconds: Double
}

/// Searches the pictures of face sets with two detectors, whole and at the size at which a scan searches them.
///
/// - Throws: `WorkflowError`, `DatasetsError` or `FacesError` that states the remedy.
package func compareFaces(_ options: CompareFacesOptions) throws -> CompareFacesSummary {
  var pictures: [AnnotatedPicture] = []
  for folder in options.sets {
    let set = try FaceSet(folder: folder)
    pictures += set.pictures.map { picture in
      var picture = picture
      picture.file = set.path(of: picture)
      return picture
    }
  }
  let (detector, reference) = (try options.detector.load(), try options.reference.load())
  let all = pictures
  let progress = ProgressLine(unit: "pictures", total: all.count, quiet: options.quiet)
  let parts = try parallelMap(
    count: all.count, workers: options.workers,
    context: { _ in
      (WholeSearch(try detector.makeGrid(), isTimed: true), WholeSearch(try reference.makeGrid(), isTimed: true))
    }
  ) { boxes, index in
    defer { progress.advance() }
    return try PictureComparison(all[index], boxes.0, boxes.1, options)
  }
  progress.finish()
  var summary = CompareFacesSummary(
    detector: detector.name, reference: reference.name, detectorFigures: DetectorComparison(),
    referenceFigures: DetectorComparison(), againstReference: DetectorComparison(), detectorMilliseconds: 0,
    referenceMilliseconds: 0)
  for part in parts {
    summary.detectorFigures.add(part.detector)
    summary.referenceFigures.add(part.reference)
    summary.againstReference.add(part.both)
    summary.detectorMilliseconds += part.seconds.0 * 1000 / Double(pictures.count)
    summary.referenceMilliseconds += part.seconds.1 * 1000 / Double(pictures.count)
  }
  if let output = options.output {
    try makeOutputFolder(output)
    try DifferenceTile.write(parts.flatMap(\.tiles), to: output)
  }
  return summary
}

/// Both detectors on one picture.
private struct PictureComparison: Sendable {
  var detector = DetectorComparison()
  var reference = DetectorComparison()
  var both = DetectorComparison()
  var seconds = (0.0, 0.0)
  var tiles: [DifferenceTile] = []

  init(
    _ picture: AnnotatedPicture, _ first: WholeSearch, _ second: WholeSearch, _ options: CompareFacesOptions
  ) throws {
    let frame = try FaceTrainingData.read(picture)
    let before = (first.seconds, second.seconds)
    let found = try first.searchWhole(frame, above: options.score)
    let wanted = try second.searchWhole(frame)
    seconds = (first.seconds - before.0, second.seconds - before.1)
    detector.add(found: found, annotations: picture.faces)
    reference.add(found: wanted, annotations: picture.faces)
    let differences = both.add(found: found, reference: wanted)
    guard options.output != nil else { return }
    for (kind, faces) in [(DifferenceTile.Kind.missed, differences.missed), (.extra, differences.extra)] {
      tiles += try faces.map { try DifferenceTile(kind, $0, in: frame, of: picture) }
    }
  }
}

/// A face that only one of two detectors finds.
private struct DifferenceTile: Sendable {
  enum Kind: String, Sendable {
    /// Found by the reference only, or by the detector only.
    case missed, extra
  }

  var kind: Kind
  var input: String
  var seconds: Double?
  var box: Box
  var score: Float
  /// What the annotations say of the place.
  var annotation: String
  var tile: Frame

  init(_ kind: Kind, _ face: Detection, in frame: Frame, of picture: AnnotatedPicture) throws {
    self.kind = kind
    input = picture.input
    seconds = picture.seconds
    box = face.box
    score = face.confidence
    let same = picture.faces.filter { $0.box.overlap(face.box) >= 0.4 }
    annotation = same.contains(where: \.isCertain) ? "face" : same.isEmpty ? "none" : "uncertain"
    let square = face.box.square(margin: 1)
    var shown = try frame.crop(square: square, size: 160)
    let scale = 160 / square.width
    shown.outline(
      Box(
        x: (face.box.x - square.x) * scale, y: (face.box.y - square.y) * scale, width: face.box.width * scale,
        height: face.box.height * scale), thickness: 2, colour: kind == .missed ? SIMD3(255, 0, 0) : SIMD3(0, 255, 0))
    tile = shown
  }

  /// `differences.csv`, and the first 60 of each kind as `missed.png` and `extra.png`, in the order of the table.
  static func write(_ tiles: [DifferenceTile], to folder: String) throws {
    let table = Table<DifferenceTile>([
      .text("kind") { $0.kind.rawValue }, .untrusted("input") { $0.input }, .number("seconds") { $0.seconds },
      .number("x") { $0.box.x }, .number("y") { $0.box.y }, .number("width") { $0.box.width },
      .number("height") { $0.box.height }, .number("score") { Double($0.score) }, .text("annotation") { $0.annotation },
    ])
    try writeOutput(table.csv(tiles), to: folder + "/differences.csv")
    for kind in [Kind.missed, .extra] {
      let own = tiles.filter { $0.kind == kind }
      guard !own.isEmpty else { continue }
      // Evenly spread, so that one video does not fill the sheet.
      let count = min(60, own.count)
      let shown = (0..<count).map { own[$0 * own.count / count].tile }
      try writeOutput(try encodePNG(.sheet(shown, columns: 10)), to: "\(folder)/\(kind.rawValue).png")
    }
  }
}

extension CompareFacesSummary {
  package var table: String {
    func row(_ name: String, _ figures: DetectorComparison, _ milliseconds: Double?) -> [String] {
      let large = figures.large
      return [
        name, "\(large.found)/\(large.faces)", String(format: "%.4f", figures.recall),
        String(format: "%.1f", figures.extraPerThousand), figures.meanOverlap.map { String(format: "%.3f", $0) } ?? "-",
        figures.landmarkError.map { String(format: "%.2f %%", 100 * $0) } ?? "-",
        milliseconds.map { String(format: "%.2f", $0) } ?? "",
      ]
    }
    var text = alignedTable(
      heading: ["", "found", "recall", "extra/1000", "IoU", "landmarks", "ms"],
      rows: [
        row(detector, detectorFigures, detectorMilliseconds), row(reference, referenceFigures, referenceMilliseconds),
        row("against \(reference)", againstReference, nil),
      ])
    text += "\nrecall by size of the face (pixels of the picture):\n"
    text += alignedTable(
      heading: ["from", "faces", detector, reference],
      rows: DetectorComparison.sizes.indices.map { index in
        let (own, other) = (detectorFigures.bins[index], referenceFigures.bins[index])
        func recall(_ bin: DetectorComparison.Bin) -> String {
          bin.faces > 0 ? String(format: "%.4f", Double(bin.found) / Double(bin.faces)) : "–"
        }
        return [
          String(format: "%.0f", DetectorComparison.sizes[index]), "\(own.faces)", recall(own), recall(other),
        ]
      })
    return text
      + "\n\(detectorFigures.pictures) pictures; faces of \(Int(DetectorComparison.leastSize)) pixels and more, except in the "
      + "second table; time a search " + String(format: "%.2f", detectorMilliseconds / referenceMilliseconds)
      + " times that of \(reference)"
  }
}
