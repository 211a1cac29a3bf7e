/// The pictures that support a video's verdict, all in JPEG.
public struct VideoEvidence: Sendable, Encodable {
  /// The faces of a track, side by side in one picture.
  public struct Strip: Sendable, Encodable {
    public var track: Int
    /// Index of each face among the track's boxes.
    public var places: [Int]
    /// Side of a face in pixels.
    public var side: Int
    public var jpeg: InlinePicture

    public init(track: Int, places: [Int], side: Int, jpeg: [UInt8]) {
      (self.track, self.places, self.side, self.jpeg) = (track, places, side, InlinePicture(jpeg))
    }
  }

  /// A face that determined the score, with its heat map.
  public struct Face: Sendable, Encodable {
    public struct Map: Sendable, Encodable {
      public var name: String
      /// Whether the heat map is zero everywhere.
      public var isEmpty: Bool
      public var jpeg: InlinePicture

      public init(name: String, isEmpty: Bool, jpeg: [UInt8]) {
        (self.name, self.isEmpty, self.jpeg) = (name, isEmpty, InlinePicture(jpeg))
      }
    }

    public var track: Int
    public var timeMs: Int
    public var score: Double
    public var logit: Double
    /// Side of each of its pictures in pixels.
    public var side: Int
    public var crop: InlinePicture
    public var maps: [Map] = []

    public init(track: Int, timeMs: Int, score: Double, logit: Double, side: Int, crop: [UInt8]) {
      (self.track, self.timeMs, self.score, self.logit) = (track, timeMs, score, logit)
      (self.side, self.crop) = (side, InlinePicture(crop))
    }
  }

  /// A video clip in a file beside the page.
  public struct Clip: Sendable, Encodable {
    /// Relative URL, percent-encoded.
    public var link: String
    public var track: Int
    public var startMs: Int
    public var endMs: Int
    public var peakScore: Double

    public init(link: String, track: Int, startMs: Int, endMs: Int, peakScore: Double) {
      (self.link, self.track, self.startMs, self.endMs, self.peakScore) = (link, track, startMs, endMs, peakScore)
    }
  }

  public var strips: [Strip] = []
  public var faces: [Face] = []
  /// Indices of the deciding track's faces that its score trims.
  public var trimmed: [Int] = []
  public var clips: [Clip] = []
  /// Reason for missing pictures; nil if none is missing.
  public var problem: String?

  public init() {}
}

/// The bytes of a picture; base64-encoded within a page.
public struct InlinePicture: Sendable, Encodable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(base64(bytes))
  }
}
