public import Imaging

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

/// One line of a crop set's sources: a processed item and its number of crops.
public struct CropSource: Sendable, Hashable, Codable {
  public var path: String
  /// Crops, 0 where no face was found.
  public var crops: Int
  /// Why there are none, if something went wrong.
  public var problem: String?
}

/// A face crop to be stored in a crop set.
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
