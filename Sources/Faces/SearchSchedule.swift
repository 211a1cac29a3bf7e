/// When and where a tracker searches: the balance of cost and of faces missed.
public struct SearchSchedule: Sendable, Hashable {
  /// The whole picture is searched at least every so many pictures, for faces that have come in.
  public var wholeSearchInterval = 8
  /// By how much a face's box is grown to the region that is searched for it: pictures lie most of a second apart.
  public var nearbyMargin = 1.6
  /// For how many pictures a lost face is looked for at its last place.
  public var memory = 4
  /// After so many pictures without any face only every second one is searched.
  public var patience = 4
  /// A picture longer than this, for its height, is searched at a lower scale.
  public var longestAspect = 4.0

  public init() {}

  /// - Parameters:
  ///   - emptyPictures: how many pictures in a row had no face up to here.
  ///   - justLost: a face of the last picture is not near its place any more.
  func searchesWhole(pictureIndex: Int, emptyPictures: Int, trackCount: Int, justLost: Bool) -> Bool {
    if justLost || pictureIndex.isMultiple(of: wholeSearchInterval) { return true }
    guard emptyPictures > 0 else { return false }
    return emptyPictures < patience || pictureIndex.isMultiple(of: 2)
  }

  func isFineSearchDue(pictureIndex: Int) -> Bool { pictureIndex.isMultiple(of: wholeSearchInterval) }
}
