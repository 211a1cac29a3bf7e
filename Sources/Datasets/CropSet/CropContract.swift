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

/// One line of a crop set's index: a face crop and where it comes from.
public struct CropRecord: Sendable, Hashable, Codable {
  /// Position in the set; its pixels start at `index` times the bytes of a crop.
  public var index: Int
  /// The source item; its path as the writer was given it.
  public var item: LabelledItem
  /// Face track within the item, from 0.
  public var track: Int
  /// Time in the video; 0 in pictures.
  public var seconds: Double
  /// The face as detected, in pixels of the upright source.
  public var box: Box
  /// `ContentHash` of the crop's pixels.
  public var hash: String
}

/// One line of a crop set's sources: an item that was dealt with, with the crops that it gave.
public struct CropSource: Sendable, Hashable, Codable {
  public var path: String
  /// Crops, 0 where no face was found.
  public var crops: Int
  /// Why there are none, if something went wrong.
  public var problem: String?
}

/// A face crop on its way into a crop set.
public struct NewCrop: Sendable {
  public var pixels: Frame
  public var track: Int
  public var seconds: Double
  public var box: Box

  public init(pixels: Frame, track: Int = 0, seconds: Double = 0, box: Box) {
    self.pixels = pixels
    self.track = track
    self.seconds = seconds
    self.box = box
  }
}
