/// How crops were made: a network sees the same kind of picture in training and in scanning only if this agrees.
public struct CropContract: Sendable, Hashable, Codable {
  /// Name of the face detector, `none` where whole pictures were taken.
  public var detector: String
  /// By how much the square around a face's box was grown: 0.3 = 30 %.
  public var margin: Double
  /// Name of the resize filter.
  public var filter: String

  public init(detector: String, margin: Double, filter: String) {
    self.detector = detector
    self.margin = margin
    self.filter = filter
  }
}
