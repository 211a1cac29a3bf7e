import Imaging

/// One face over time, as far as the next picture needs to know it.
struct Track {
  let id: Int
  /// Where the face was last seen.
  private(set) var detection: Detection
  /// For how many pictures it has not been seen.
  var missed = 0

  var box: Box { detection.box }

  init(id: Int, detection: Detection) {
    self.id = id
    self.detection = detection
  }

  mutating func follow(_ detection: Detection) {
    self.detection = detection
    missed = 0
  }

  /// How far a detection is from what this track's face can have become, in box sides; nil when it is another face.
  ///
  /// A face moves by up to 1.5 of its sides and changes size by up to half between two pictures, further while it
  /// is out of sight.
  func distance(to other: Detection) -> Double? {
    let ratio = other.box.width / box.width
    guard (0.6...1.7).contains(ratio) else { return nil }
    let dx = other.box.centerX - box.centerX
    let dy = other.box.centerY - box.centerY
    let distance = (dx * dx + dy * dy).squareRoot() / max(box.width, other.box.width)
    return distance <= 1.5 + 0.5 * Double(missed) ? distance : nil
  }
}
