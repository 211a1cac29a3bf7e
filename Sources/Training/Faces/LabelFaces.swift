import Compute
import Datasets
import Decoder
import Faces
import Files
import Foundation
import Glibc
import Imaging
import Media
import Runs

/// What `labelFaces` does.
package struct LabelFacesOptions: Sendable {
  /// Folders and files.
  package var inputs: [String]
  package var output: String
  /// ONNX files of YuNet networks.
  package var teachers: [String]
  /// Frames of each video.
  package var frames = 16
  /// At most so many files of each input, evenly spread; nil: all.
  package var limit: Int?
  /// Longest side of the stored pictures in pixels.
  package var longestSide = 640
  package var workers = 2
  package var quiet = false

  package init(inputs: [String], output: String, teachers: [String]) {
    self.inputs = inputs
    self.output = output
    self.teachers = teachers
  }
}

/// Result of a labelling.
package struct LabelFacesSummary: Sendable {
  package let table: String
  package let interruptedBy: Int32?
}

/// Makes a face set: pictures and frames with the faces that other face detectors, the teachers, agree on.
///
/// Each teacher searches each picture at three scales, as it is and mirrored. A face that at least 60 % of the searches
/// find that show it with 10 pixels and more is certain; box and landmarks are means over these. Goes on where an
/// earlier run stopped.
///
/// - Throws: `WorkflowError` or `FacesError` that states the remedy.
package func labelFaces(_ options: LabelFacesOptions) throws -> LabelFacesSummary {
  let teachers = try options.teachers.map { try FaceDetectorChoice(.yunet, modelPath: $0).load() }
  let files = try LabelFile.list(options.inputs, limit: options.limit)
  try makeOutputFolder(options.output + "/pictures")
  let log: LineLog<AnnotatedPicture> = try openLog(options.output + "/" + FaceSet.indexName)
  let known = Set(log.found.map(\.input))
  let left = files.filter { !known.contains($0.path) }
  let progress = ProgressLine(unit: "files", total: left.count, quiet: options.quiet)
  let interruption = Interruption.shared
  interruption.install()
  var statistics = LabelStatistics()
  var done = 0
  for picture in log.found { statistics.add(picture) }
  // A batch of files at a time, so that the lines are in order whatever the timing.
  for start in stride(from: 0, to: left.count, by: 64) where !interruption.isRequested {
    let batch = Array(left[start..<min(start + 64, left.count)])
    let made = try parallelMap(
      count: batch.count, workers: options.workers,
      context: { _ in try FaceLabeller(teachers, options) }
    ) { labeller, index in
      let labels = try labeller.label(batch[index], interruption)
      if labels != nil { progress.advance() }
      return labels
    }
    for file in made {
      // Later files of the batch may be done, but the lines would not be in order.
      guard let file else { break }
      done += 1
      for picture in file.pictures {
        try log.record(picture)
        statistics.add(picture)
      }
      if let problem = file.problem { statistics.problems.append(problem) }
    }
  }
  progress.finish()
  var table = statistics.table(options.output)
  if left.isEmpty {
    table +=
      "\nnothing was added: all files are in the set, as an earlier run labelled them; other settings need another -o"
  }
  if interruption.isRequested {
    table =
      "interrupted: \(left.count - done) of \(counted(left.count, "files")) are still to be labelled; the same command "
      + "goes on with them\n" + table
  }
  return LabelFacesSummary(table: table, interruptedBy: interruption.signal)
}

private struct LabelStatistics {
  private var pictures = 0
  private var withoutFace = 0
  private var certain = 0
  private var uncertain = 0
  var problems: [String] = []

  mutating func add(_ picture: AnnotatedPicture) {
    pictures += 1
    let sure = picture.faces.count(where: \.isCertain)
    certain += sure
    uncertain += picture.faces.count - sure
    if picture.faces.isEmpty { withoutFace += 1 }
  }

  func table(_ folder: String) -> String {
    var text = "\(pictures) pictures in \(folder): \(certain) certain faces, \(uncertain) uncertain ones (ignored in "
    text += "training), \(withoutFace) pictures without any"
    if !problems.isEmpty {
      text += "\nnot read: \(problems.count), for example " + problems.prefix(3).joined(separator: "; ")
    }
    return text
  }
}

/// Searches pictures with all teachers; used by one thread.
private final class FaceLabeller {
  private static let shortSides = [160, 288, 448]
  /// Score from which a search counts as having found a face.
  private static let foundScore: Float = 0.55
  private static let leastScore: Float = 0.3
  /// Of a face in the pixels of a search, by the geometric mean of its box's sides.
  private static let leastSize = 10.0
  /// Boxes of one face in different searches overlap by at least this (intersection over union).
  private static let overlap = 0.45
  /// Fraction of the searches that must find a face for it to be certain, and that ignore it if they do.
  private static let certainFraction = 0.6
  private static let seenFraction = 0.15

  private let teachers: [GridFaceDetector]
  private var client: DecoderClient
  private let options: LabelFacesOptions

  init(_ teachers: [FaceDetectorModel], _ options: LabelFacesOptions) throws {
    self.teachers = try teachers.map { model in
      let detector = try model.makeGrid()
      // Photographs have many sizes, and come in any order.
      detector.executorLimit = 60
      return detector
    }
    self.options = options
    client = PictureDecoding.client(
      frames: options.frames, longestSide: options.longestSide,
      detector: FaceDetectorChoice(.yunet, modelPath: options.teachers.first))
  }

  /// - Returns: nil when the run was interrupted before the file was done.
  func label(
    _ file: LabelFile, _ interruption: Interruption
  ) throws -> (pictures: [AnnotatedPicture], problem: String?)? {
    if interruption.isRequested { return nil }
    var frames: [WholePicture] = []
    let failure = try PictureDecoding.read(file.path, file.kind, &client) { frames.append($0) }
    if frames.isEmpty { return ([], "\(file.path): \(failure ?? "no frame could be decoded")") }
    var pictures: [AnnotatedPicture] = []
    for (index, whole) in frames.enumerated() {
      if interruption.isRequested { return nil }
      let name = "pictures/\(file.name)" + (frames.count > 1 ? "-\(index)" : "") + ".jpg"
      try writeOutput(try encodeJPEG(whole.frame, quantiser: 3), to: options.output + "/" + name)
      pictures.append(
        AnnotatedPicture(
          file: name, width: whole.frame.width, height: whole.frame.height, input: file.path,
          seconds: file.kind == .video ? whole.seconds : nil, faces: try faces(in: whole.frame)))
    }
    return (pictures, failure)
  }

  /// The faces that the teachers see, in order of falling score.
  private func faces(in frame: Frame) throws -> [AnnotatedFace] {
    var scales: [Double] = []
    var found: [(face: Detection, search: Int)] = []
    let shortSide = min(frame.width, frame.height)
    let mirrored = frame.flippedHorizontally()
    for side in Set(Self.shortSides.map { min($0, shortSide) }).sorted() {
      let scale = Double(side) / Double(shortSide)
      let size = (
        width: max(1, Int((Double(frame.width) * scale).rounded())),
        height: max(1, Int((Double(frame.height) * scale).rounded()))
      )
      for (isMirrored, shown) in [(false, frame), (true, mirrored)] {
        let shown = shown.resized(width: size.width, height: size.height)
        for teacher in teachers {
          for face in try teacher.rawFaces(in: shown, above: Self.leastScore) {
            let face = face.moved(from: shown, to: frame.bounds)
            found.append((isMirrored ? face.mirrored(width: Double(frame.width)) : face, scales.count))
          }
          scales.append(scale)
        }
      }
    }
    return Self.merged(found, scales: scales)
  }

  /// Groups the detections of all searches by face.
  private static func merged(_ found: [(face: Detection, search: Int)], scales: [Double]) -> [AnnotatedFace] {
    var left = found.sorted { ($1.face.confidence, $0.search) < ($0.face.confidence, $1.search) }
    var faces: [AnnotatedFace] = []
    while let best = left.first {
      let isSame = { (other: (face: Detection, search: Int)) in other.face.box.overlap(best.face.box) >= Self.overlap }
      let group = left.filter(isSame)
      left.removeAll(where: isSame)
      let size = (best.face.box.width * best.face.box.height).squareRoot()
      let able = scales.indices.filter { scales[$0] * size >= Self.leastSize }
      let finders = Set(group.filter { $0.face.confidence >= Self.foundScore }.map(\.search)).intersection(able)
      let fraction = able.isEmpty ? 0 : Double(finders.count) / Double(able.count)
      guard fraction >= Self.seenFraction else { continue }
      faces.append(Self.mean(of: group.map(\.face), searches: able.count, isCertain: fraction >= Self.certainFraction))
    }
    return faces
  }

  /// Box and landmarks weighted by score; the score of searches that found nothing is 0.
  private static func mean(of group: [Detection], searches: Int, isCertain: Bool) -> AnnotatedFace {
    let weight = group.reduce(0.0) { $0 + Double($1.confidence) }
    func mean(_ value: (Detection) -> Double) -> Double {
      group.reduce(0) { $0 + Double($1.confidence) * value($1) } / weight
    }
    let box = Box(
      x: mean(\.box.x), y: mean(\.box.y), width: mean(\.box.width), height: mean(\.box.height))
    let landmarks = (0..<5).map { point in
      Point(x: mean { $0.landmarks?[point].x ?? 0 }, y: mean { $0.landmarks?[point].y ?? 0 })
    }
    return AnnotatedFace(
      box: box, landmarks: landmarks, score: min(1, Float(weight) / Float(max(searches, 1))), isCertain: isCertain)
  }
}

extension Detection {
  /// The face in the mirror image of a picture of that width: the right eye is the left one there.
  fileprivate func mirrored(width: Double) -> Detection {
    var mirrored = self
    mirrored.box.x = width - box.x - box.width
    if let points = landmarks?.map({ Point(x: width - $0.x, y: $0.y) }), points.count == 5 {
      mirrored.landmarks = [points[1], points[0], points[2], points[4], points[3]]
    }
    return mirrored
  }
}

/// A file to be labelled.
struct LabelFile: Sendable {
  var path: String
  var kind: LabelledItem.Kind
  /// For the names of its pictures: different for different files.
  var name: String
}

extension LabelFile {
  /// The pictures and videos of folders, files, and lists of files (`.txt`, one path a line), in order.
  ///
  /// - Parameter limit: files of each input, evenly spread over its sorted list; nil: all.
  /// - Throws: `WorkflowError.input` for an input with none.
  static func list(_ inputs: [String], limit: Int?) throws -> [LabelFile] {
    var files: [LabelFile] = []
    for (number, input) in inputs.enumerated() {
      var paths: [String]
      if input.hasSuffix(".txt") {
        paths = try InputList.read(input).map { String(decoding: $0, as: UTF8.self) }
      } else {
        paths = try LabelledItem.mediaFiles(below: input)
      }
      if let limit, limit < paths.count { paths = (0..<limit).map { paths[$0 * paths.count / limit] } }
      let own = paths.enumerated().compactMap { index, path in
        LabelledItem.Kind(fileName: path).map { LabelFile(path: path, kind: $0, name: "\(number)-\(index)") }
      }
      guard !own.isEmpty else { throw WorkflowError.input(path: input, why: "there is no picture or video") }
      files += own
    }
    return files
  }
}
