/// The sizes of picture and face at which a detector works well.
public struct DetectorScale: Sendable, Hashable {
  /// Shorter side to which a whole picture is brought, in pixels.
  public var shortSide: Int
  /// Shorter side for a second look when the first found nothing: finer and dearer. Nil: no second look.
  public var fineShortSide: Int?
  /// Side at which a face whose size is known is shown, in pixels.
  public var faceSide: Double
  /// A detection this sure is believed where a face was a moment ago, 0…0.5.
  public var followingConfidence: Float

  public init(shortSide: Int, fineShortSide: Int?, faceSide: Double, followingConfidence: Float) {
    self.shortSide = shortSide
    self.fineShortSide = fineShortSide
    self.faceSide = faceSide
    self.followingConfidence = followingConfidence
  }
}
