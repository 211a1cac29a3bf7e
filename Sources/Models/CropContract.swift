public import Imaging

/// The face-crop settings that a model was trained with; a scan uses the same.
public struct CropContract: Sendable, Hashable, Codable {
  /// Name of the face detector.
  public var detector: String
  public var framing: FaceFraming
  /// Resize filter from the square to `size`.
  public var filter: String
  /// Side of a crop in pixels.
  public var size: Int

  /// Valid sides of a network's input; others indicate a damaged file.
  static let allowedSizes = 8...2048

  public init(
    detector: String = "hog", framing: FaceFraming = FaceFraming(margin: 0.3), filter: String = "triangle-antialias",
    size: Int = PaperCNN.inputSize
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
        // Model files without an offset were trained with none.
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
}

extension CropContract {
  /// What sets crops of another contract apart from those that the model was trained on, in words for a warning;
  /// empty where nothing does.
  ///
  /// A network that is shown other framing or another filter gives scores that its calibration does not fit.
  public func differences(from used: CropContract) -> [String] {
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
