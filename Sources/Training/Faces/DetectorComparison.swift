import Datasets
package import Faces
import Imaging
import Runs

/// How the faces that a detector finds agree with those of a reference.
package struct DetectorComparison: Sendable, Codable {
  /// Faces of one size in the reference.
  package struct Bin: Sendable, Codable {
    package var faces = 0
    package var found = 0
  }

  /// Lower limits of the sizes, by the geometric mean of the box's sides in pixels of the picture.
  package static let sizes = [10.0, 20, 40, 80, 160]
  /// Two boxes that overlap by this (intersection over union) show the same face.
  private static let sameFace = 0.4
  /// Reference faces of at least this size count in `recall`.
  package static let leastSize = 40.0

  package private(set) var pictures = 0
  package private(set) var bins = [Bin](repeating: Bin(), count: sizes.count)
  /// Found faces of `leastSize` and more that the reference does not have.
  package private(set) var extra = 0
  private var overlaps = 0.0
  private var landmarkErrors = 0.0
  private var matches = 0

  package init() {}

  /// Reference faces of `leastSize` and more, and how many of them were found.
  package var large: Bin {
    zip(Self.sizes, bins).reduce(into: Bin()) { sum, pair in
      guard pair.0 >= Self.leastSize else { return }
      sum.faces += pair.1.faces
      sum.found += pair.1.found
    }
  }

  package var recall: Double { large.faces > 0 ? Double(large.found) / Double(large.faces) : 0 }
  package var extraPerThousand: Double { pictures > 0 ? 1000 * Double(extra) / Double(pictures) : 0 }
  /// Of the matched faces of `leastSize` and more, intersection over union; nil without any.
  package var meanOverlap: Double? { matches > 0 ? overlaps / Double(matches) : nil }
  /// Mean distance of the landmarks in distances between the eyes, of the same faces; nil without any.
  package var landmarkError: Double? { matches > 0 ? landmarkErrors / Double(matches) : nil }

  /// What a picture's comparison left over.
  package struct Differences: Sendable {
    package var missed: [Detection] = []
    package var extra: [Detection] = []
  }

  /// Compares one picture.
  ///
  /// - Parameters:
  ///   - found: faces that the detector is sure of, with the network's own boxes.
  ///   - reference: faces that must be found.
  ///   - allowed: faces that may be found.
  @discardableResult
  package mutating func add(
    found: [Detection], reference: [Detection], allowed: [Detection] = []
  ) -> Differences {
    pictures += 1
    var differences = Differences()
    var used = Set<Int>()
    for face in reference {
      let size = face.size
      guard let bin = Self.sizes.lastIndex(where: { $0 <= size }) else { continue }
      bins[bin].faces += 1
      let best = found.indices.filter { !used.contains($0) }.max {
        found[$0].box.overlap(face.box) < found[$1].box.overlap(face.box)
      }
      guard let best, found[best].box.overlap(face.box) >= Self.sameFace else {
        if size >= Self.leastSize { differences.missed.append(face) }
        continue
      }
      used.insert(best)
      bins[bin].found += 1
      guard size >= Self.leastSize else { continue }
      matches += 1
      overlaps += found[best].box.overlap(face.box)
      landmarkErrors += face.landmarkError(of: found[best])
    }
    for index in found.indices where !used.contains(index) && found[index].size >= Self.leastSize {
      let box = found[index].box
      if (allowed + reference).contains(where: { $0.box.overlap(box) >= Self.sameFace }) { continue }
      extra += 1
      differences.extra.append(found[index])
    }
    return differences
  }

  /// Compares one picture with its annotations: uncertain faces may be found or not.
  mutating func add(found: [Detection], annotations: [AnnotatedFace]) {
    func detections(_ isCertain: Bool) -> [Detection] {
      annotations.filter { $0.isCertain == isCertain }.map {
        Detection(box: $0.box, confidence: $0.score, landmarks: $0.landmarks)
      }
    }
    add(found: found, reference: detections(true), allowed: detections(false))
  }

  package mutating func add(_ other: DetectorComparison) {
    pictures += other.pictures
    for index in bins.indices {
      bins[index].faces += other.bins[index].faces
      bins[index].found += other.bins[index].found
    }
    extra += other.extra
    overlaps += other.overlaps
    landmarkErrors += other.landmarkErrors
    matches += other.matches
  }
}

extension Detection {
  /// Geometric mean of the box's sides.
  var size: Double { (box.width * box.height).squareRoot() }

  /// Mean distance of another's landmarks from these, in distances between the eyes; the sides of a profile's face
  /// count as at least a quarter of the box apart.
  fileprivate func landmarkError(of other: Detection) -> Double {
    guard let own = landmarks, let others = other.landmarks, own.count == 5, others.count == 5 else { return 0 }
    func distance(_ a: Point, _ b: Point) -> Double {
      ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }
    let eyes = max(distance(own[0], own[1]), size / 4)
    return zip(own, others).reduce(0) { $0 + distance($1.0, $1.1) } / 5 / eyes
  }
}

/// A detector in a context of `parallelMap`; searches whole pictures as a scan does.
final class WholeSearch {
  private let detector: GridFaceDetector
  private let isTimed: Bool
  /// Seconds spent in timed searches.
  private(set) var seconds = 0.0

  /// - Parameter isTimed: searches every picture twice and measures the second search.
  init(_ detector: GridFaceDetector, isTimed: Bool = false) {
    self.detector = detector
    self.isTimed = isTimed
  }

  /// Faces that the detector is sure of, with the network's own boxes, in the frame's pixels.
  func searchWhole(_ frame: Frame, above score: Float? = nil) throws -> [Detection] {
    let scale = min(1, Double(detector.scale.shortSide) / Double(min(frame.width, frame.height)))
    let shown = frame.resized(
      width: max(1, Int((Double(frame.width) * scale).rounded())),
      height: max(1, Int((Double(frame.height) * scale).rounded())))
    let found = try detector.rawFaces(in: shown, above: score ?? detector.sureScore)
    if isTimed {
      // The first search of a size compiles its network.
      let start = monotonicSeconds()
      _ = try detector.rawFaces(in: shown, above: score ?? detector.sureScore)
      seconds += monotonicSeconds() - start
    }
    return found.map { $0.moved(from: shown, to: frame.bounds) }
  }
}
