/// How the crops were made that a model was trained on; a scan makes its own in the same way.
public struct CropContract: Sendable, Hashable, Codable {
  /// Name of the face detector.
  public var detector: String
  /// Growth of the face's box before it becomes a square, 0.3 = 30 %.
  public var margin: Double
  /// How faces are turned before they are cut out; `none` for upright boxes.
  public var alignment: String
  /// Filter that brings the square to `size`.
  public var filter: String
  /// Side of a crop in pixels.
  public var size: Int

  /// Sides that networks can have; what lies beyond is a damaged file.
  static let allowedSizes = 8...2048

  public init(
    detector: String = "hog", margin: Double = 0.3, alignment: String = "none", filter: String = "triangle-antialias",
    size: Int = PaperCNN.inputSize
  ) {
    self.detector = detector
    self.margin = margin
    self.alignment = alignment
    self.filter = filter
    self.size = size
  }
}
