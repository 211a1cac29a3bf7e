import Foundation

/// The position of a face crop of the `ffpp-crops` layout in the order of FaceForensics++ ids.
///
/// The crops `roi_N.jpg` were extracted in the order of the video ids, ids 000–099 into `test`, 100–999 into `train`:
/// about two pictures per original video and one per manipulated video, with none from a few videos. N alone therefore
/// does not identify the source, but a monotone map leads from N to the *position*: the N of the same source's picture
/// in `youtube`. The maps were measured by picture similarity with `Tests/Golden/faceforensics_order.py` (24×24
/// thumbnails, correlation above 0.9, nearest within 30 videos, running median, Douglas–Peucker at 3). Of 3 244 matched
/// pictures the median residual is about 0.9 positions, and all but 4 lie within 6, against up to 25 for proportional
/// scaling. On inspection, the two largest of the 4 are false matches of people who look alike; the map is correct.
///
/// Eleven of thirteen videos with known ids were found among the crops in the same way, in the order of their ids: they
/// are the anchors of `position(ofVideo:)`. 519 and 585 had no clear match.
enum FaceForensicsOrder {
  /// A point of a piecewise linear map.
  typealias Anchor = (from: Double, to: Double)

  /// Uncertainty of positions in either direction: more than 99.8 % of the residuals lie within it.
  static let uncertainty = 6.0

  /// Smaller ids are in `test`.
  static let firstTrainingVideo = 100

  /// Number of positions in a part.
  static func positions(_ part: Part) -> Double { part == .test ? 201 : 1816 }

  /// Position of a crop; nil for a method that is not in the layout.
  static func position(ofCrop number: Int, method: String, part: Part) -> Double? {
    if method == originals { return Double(number) }
    guard let anchors = (part == .test ? test : training)[method] else { return nil }
    return interpolated(Double(number), anchors)
  }

  /// Position of a video by its id, 0…999.
  static func position(ofVideo id: Int) -> (part: Part, position: Double) {
    guard id >= firstTrainingVideo else { return (.test, interpolated(Double(id), testVideos)) }
    return (.train, interpolated(Double(id), trainingVideos))
  }

  /// The folder of real faces.
  static let originals = "youtube"

  /// The folders of the layout, the real one first.
  static let methods = [originals] + training.keys.sorted()

  /// Interpolates linearly between anchors, and extrapolates the outer segments.
  static func interpolated(_ x: Double, _ anchors: [Anchor]) -> Double {
    let last = anchors.indices.dropFirst().first { x <= anchors[$0].from } ?? anchors.count - 1
    let (a, b) = (anchors[last - 1], anchors[last])
    return a.to + (x - a.from) * (b.to - a.to) / (b.from - a.from)
  }

  /// `FaceForensicsOrder.json`: anchors as pairs of numbers, by part, those of crops also by method.
  private struct Tables: Decodable {
    var videos: [String: [[Double]]]
    var crops: [String: [String: [[Double]]]]
  }

  private static let tables: Tables = {
    do {
      return try JSONDecoder().decode(Tables.self, from: Data(PackageResources.FaceForensicsOrder_json))
    } catch {
      fatalError("FaceForensicsOrder.json: \(error)")
    }
  }()

  private static let testVideos = anchors(tables.videos["test"])
  private static let trainingVideos = anchors(tables.videos["train"])
  private static let test = tables.crops["test", default: [:]].mapValues(anchors)
  private static let training = tables.crops["train", default: [:]].mapValues(anchors)

  private static func anchors(_ pairs: [[Double]]?) -> [Anchor] { (pairs ?? []).map { ($0[0], $0[1]) } }
}
