/// How faces are cropped: a network sees the same kind of crop in training and in scanning only if these settings agree.
///
/// Model files and crop sets record them; a scan uses those of its model.
public struct FaceCropSettings: Sendable, Hashable, Codable {
  /// Name of the face detector, `whole-frame` for crops of whole frames.
  public var detector: String
  public var framing: FaceFraming
  /// Resize filter from the square to `size`.
  public var filter: String
  /// Side of a crop in pixels.
  public var size: Int

  /// Valid sides of a crop; others indicate a damaged file.
  public static let allowedSizes = 8...2048

  public init(
    detector: String, framing: FaceFraming = FaceFraming(margin: 0.3), filter: String = Frame.resizeFilterName,
    size: Int
  ) {
    self.detector = detector
    self.framing = framing
    self.filter = filter
    self.size = size
  }

  private enum CodingKeys: String, CodingKey { case detector, margin, offset, alignment, filter, size }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    // Older files name an alignment, which was never other than `none`: boxes are upright.
    if let alignment = try values.decodeIfPresent(String.self, forKey: .alignment), alignment != "none" {
      throw DecodingError.dataCorruptedError(
        forKey: .alignment, in: values, debugDescription: "unknown face alignment '\(alignment)'")
    }
    self.init(
      detector: try values.decode(String.self, forKey: .detector),
      framing: FaceFraming(
        margin: try values.decode(Double.self, forKey: .margin),
        // Files without an offset have none.
        offset: try values.decodeIfPresent(Double.self, forKey: .offset) ?? 0),
      filter: try values.decode(String.self, forKey: .filter), size: try values.decode(Int.self, forKey: .size))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(detector, forKey: .detector)
    try values.encode(framing.margin, forKey: .margin)
    try values.encode(framing.offset, forKey: .offset)
    try values.encode(filter, forKey: .filter)
    try values.encode(size, forKey: .size)
  }

  /// Differences of other crops from those that a model with these settings was trained on, one sentence per setting.
  ///
  /// With another framing or filter, a model's scores do not fit its calibration.
  public func differences(from used: FaceCropSettings) -> [String] {
    var differences: [String] = []
    func compare(_ what: String, _ own: String, _ other: String) {
      if own != other { differences.append("the model was trained with \(what) \(own), these crops have \(other)") }
    }
    compare("the face detector", detector, used.detector)
    compare("the margin", "\(framing.margin)", "\(used.framing.margin)")
    compare("the offset", "\(framing.offset)", "\(used.framing.offset)")
    compare("the resize filter", filter, used.filter)
    compare("the crop size", "\(size)", "\(used.size)")
    return differences
  }
}
