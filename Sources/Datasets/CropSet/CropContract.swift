public import Imaging

/// How crops were made: a network sees the same kind of picture in training and in scanning only if this agrees.
public struct CropContract: Sendable, Hashable, Codable {
  /// Name of the face detector, `whole-frame` where whole pictures were taken.
  public var detector: String
  public var framing: FaceFraming
  /// Name of the resize filter.
  public var filter: String

  public init(detector: String, framing: FaceFraming, filter: String) {
    self.detector = detector
    self.framing = framing
    self.filter = filter
  }

  private enum CodingKeys: String, CodingKey { case detector, margin, offset, filter }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      detector: try values.decode(String.self, forKey: .detector),
      framing: FaceFraming(
        margin: try values.decode(Double.self, forKey: .margin),
        // Sets without an offset have none.
        offset: try values.decodeIfPresent(Double.self, forKey: .offset) ?? 0),
      filter: try values.decode(String.self, forKey: .filter))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(detector, forKey: .detector)
    try values.encode(framing.margin, forKey: .margin)
    try values.encode(framing.offset, forKey: .offset)
    try values.encode(filter, forKey: .filter)
  }
}
