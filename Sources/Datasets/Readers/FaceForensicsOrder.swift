/// Where a face crop of the `ffpp-crops` layout stands in the order of the FaceForensics++ ids.
///
/// The crops `roi_N.jpg` were cut in the order of the video ids, ids 000–099 into `test` and 100–999 into `train`,
/// about two pictures a video from the originals and one from each manipulated one, and a few videos gave none. So N
/// alone does not say whose face it is, but a monotone map leads from N to the *position*: the N of the same source's
/// picture in `youtube`. The maps were measured by picture similarity with `Tests/Golden/faceforensics_order.py` (24×24
/// thumbnails, correlation above 0.9, nearest within 30 videos, running median, Douglas–Peucker at 3). Of 3 244 matched
/// pictures the residual is about 0.9 positions in the median, and all but 4 lie within 6, where plain proportion is
/// off by up to 25; the two farthest of the 4, looked at, are matches with people who look alike, the map being right.
///
/// Eleven of thirteen videos with known ids were found among the crops in the same way, in the order of their ids: they
/// are the anchors of `position(ofVideo:)`. 519 and 585 matched nothing clearly.
enum FaceForensicsOrder {
  /// A point of a piecewise linear map.
  typealias Anchor = (from: Double, to: Double)

  /// Positions are known to this many, in either direction: more than 99.8 % of the residuals.
  static let uncertainty = 6.0

  /// Ids below this are in `test`.
  static let firstTrainingVideo = 100

  /// Number of positions in a part.
  static func positions(_ part: Part) -> Double { part == .test ? 201 : 1816 }

  /// Position of a crop, nil for a method that the layout does not have.
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

  /// Linear between anchors, the outer segments going on beyond them.
  static func interpolated(_ x: Double, _ anchors: [Anchor]) -> Double {
    let last = anchors.indices.dropFirst().first { x <= anchors[$0].from } ?? anchors.count - 1
    let (a, b) = (anchors[last - 1], anchors[last])
    return a.to + (x - a.from) * (b.to - a.to) / (b.from - a.from)
  }

  private static let testVideos: [Anchor] = [(0, 0), (4, 8.5), (100, 201)]

  private static let trainingVideos: [Anchor] = [
    (100, 0), (183, 168), (253, 312.5), (469, 746.5), (481, 770.5), (599, 1009.5), (634, 1080.5), (672, 1157),
    (720, 1252.5), (866, 1546.5), (878, 1571.5), (1000, 1816),
  ]

  private static let test: [String: [Anchor]] = [
    "Deepfakes": [(0, -1), (24, 40), (106, 200)],
    "Face2Face": [(1, 0), (68, 126), (103, 199)],
    "FaceSwap": [(2, 2), (105, 200)],
    "NeuralTextures": [(0, -1), (20, 34), (62, 117), (67, 123), (105, 199)],
  ]

  private static let training: [String: [Anchor]] = [
    "Deepfakes": [
      (0, -1), (86, 173), (90, 177), (153, 296), (188, 370), (224, 438), (310, 611), (443, 884), (521, 1032),
      (569, 1138), (626, 1244), (657, 1314), (741, 1480), (762, 1530), (787, 1574), (806, 1617), (903, 1814),
    ],
    "Face2Face": [
      (0, -1), (46, 92), (157, 298), (183, 351), (189, 367), (289, 553), (337, 653), (375, 724), (455, 886),
      (481, 935), (496, 957), (529, 1021), (584, 1144), (627, 1224), (672, 1319), (702, 1376), (723, 1421),
      (726, 1432), (779, 1541), (792, 1561), (917, 1815),
    ],
    "FaceSwap": [
      (0, -1), (41, 84), (153, 294), (196, 380), (204, 392), (478, 941), (509, 995), (565, 1115), (633, 1249),
      (663, 1314), (761, 1504), (772, 1532), (793, 1570), (876, 1747), (910, 1814),
    ],
    "NeuralTextures": [
      (0, -1), (26, 55), (59, 114), (79, 156), (89, 175), (98, 186), (114, 220), (157, 298), (182, 348), (188, 366),
      (197, 384), (251, 489), (258, 498), (336, 656), (350, 679), (430, 843), (437, 853), (478, 933), (490, 951),
      (522, 1016), (581, 1149), (622, 1224), (692, 1364), (716, 1414), (722, 1432), (776, 1543), (789, 1562),
      (913, 1815),
    ],
  ]
}
