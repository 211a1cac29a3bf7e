import Imaging

/// The faces that the searches of one picture found, each once.
struct Candidates {
  private(set) var detections: [Detection] = []

  /// Adds what is not yet known. The earlier search wins: it showed the face at the better size.
  mutating func add(_ found: [Detection]) {
    for detection in found where !detections.contains(where: { Self.isSameFace($0, detection) }) {
      detections.append(detection)
    }
  }

  private static func isSameFace(_ a: Detection, _ b: Detection) -> Bool {
    guard let shared = a.box.intersection(b.box)?.area else { return false }
    return a.box.overlap(b.box) > 0.35 || shared > 0.7 * min(a.box.area, b.box.area)
  }
}
