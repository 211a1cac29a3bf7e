/// A face cut out of a picture, ready for a network's preprocessing.
public struct FaceCrop: Sendable, Hashable {
  /// What the network gets to see: a square, its side chosen by the network.
  public var frame: Frame
  /// The face as the detector found it, in the picture's pixels.
  public var box: Box
  /// What `frame` shows of the picture, in the picture's pixels; may reach beyond the picture's edges.
  public var square: Box
  /// How sure the detector was, 0…1.
  public var confidence: Float
  /// In the picture's pixels; their order is the detector's. Absent when the detector gives none.
  public var landmarks: [Point]?

  public init(frame: Frame, box: Box, square: Box, confidence: Float, landmarks: [Point]? = nil) {
    self.frame = frame
    self.box = box
    self.square = square
    self.confidence = confidence
    self.landmarks = landmarks
  }
}
