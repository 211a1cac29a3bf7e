public import Imaging

/// A face as a detector found it.
public struct Detection: Sendable, Hashable {
  /// From the forehead to below the mouth, from cheek to cheek; in pixels of whatever was searched.
  ///
  /// Every detector brings its boxes to this one framing, so that a crop grown by the same margin shows the same
  /// part of a head.
  public var box: Box
  /// How sure the detector is, 0…1; 0.5 is where it would draw the line by itself.
  public var confidence: Float
  /// In pixels of whatever was searched; absent when the detector gives none.
  public var landmarks: [Point]?

  public init(box: Box, confidence: Float, landmarks: [Point]? = nil) {
    self.box = box
    self.confidence = confidence
    self.landmarks = landmarks
  }

  /// The same face in the pixels of the picture of which the searched frame shows `region`.
  func moved(from frame: Frame, to region: Box) -> Detection {
    let scaleX = region.width / Double(frame.width)
    let scaleY = region.height / Double(frame.height)
    var moved = self
    moved.box = Box(
      x: region.x + box.x * scaleX, y: region.y + box.y * scaleY, width: box.width * scaleX,
      height: box.height * scaleY)
    moved.landmarks = landmarks?.map { Point(x: region.x + $0.x * scaleX, y: region.y + $0.y * scaleY) }
    return moved
  }
}
