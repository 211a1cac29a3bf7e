/// The pictures that show why a video was judged as it was; JPEG files all of them.
public struct VideoEvidence: Sendable, Encodable {
  /// The faces of a track side by side in one picture.
  public struct Strip: Sendable, Encodable {
    public var track: Int
    /// Of each face, its place among the track's boxes.
    public var places: [Int]
    /// Pixels of a face.
    public var side: Int
    public var jpeg: InlinePicture

    public init(track: Int, places: [Int], side: Int, jpeg: [UInt8]) {
      (self.track, self.places, self.side, self.jpeg) = (track, places, side, InlinePicture(jpeg))
    }
  }

  /// A face that made the score, with what the network looked at.
  public struct Face: Sendable, Encodable {
    public struct Map: Sendable, Encodable {
      public var name: String
      /// Whether the map says that nothing counts.
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
    /// Pixels of each of its pictures.
    public var side: Int
    public var crop: InlinePicture
    public var maps: [Map] = []

    public init(track: Int, timeMs: Int, score: Double, logit: Double, side: Int, crop: [UInt8]) {
      (self.track, self.timeMs, self.score, self.logit) = (track, timeMs, score, logit)
      (self.side, self.crop) = (side, InlinePicture(crop))
    }
  }

  /// A film beside the page.
  public struct Clip: Sendable, Encodable {
    /// Relative, percent-encoded.
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
  /// Places of the deciding track's faces that its score leaves out.
  public var trimmed: [Int] = []
  public var clips: [Clip] = []
  /// Why pictures are missing; nil when none is.
  public var problem: String?

  public init() {}
}

/// The bytes of a picture, in base 64 where they stand in a page.
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
