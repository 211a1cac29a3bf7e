package import Datasets
import Faces
import Foundation
package import Imaging
package import Runs

/// Usual face box in a data set's ready-made crops, in fractions of their width and height.
///
/// Crops of one data set were cut by the same rule, so the median of the detected faces is a good estimate for missed
/// ones.
package struct UsualFace {
  /// Used before anything is measured.
  static let assumed = Box(x: 0.2, y: 0.2, width: 0.6, height: 0.6)
  /// Maximum number of pictures to measure per data set, and minimum number of detected faces.
  private static let measured = 300
  private static let fewest = 10

  /// Median face box by data set.
  package let places: [String: Box]

  /// - Parameter framing: framing of the crops that `client` makes.
  /// - Throws: `WorkflowError.input` when too few faces are detected in a data set's pictures to derive the rule.
  package init(
    of items: [LabelledItem], _ client: inout DecoderClient, framing: FaceFraming, interruption: Interruption
  ) throws {
    var places: [String: Box] = [:]
    let pictures = Dictionary(grouping: items.filter { $0.kind == .picture }, by: \.dataset)
    for (dataset, pictures) in pictures.sorted(by: { $0.key < $1.key }) {
      let every = max(1, pictures.count / Self.measured)
      var faces: [Box] = []
      for index in stride(from: 0, to: pictures.count, by: every) where !interruption.isRequested {
        if let face = try Self.face(in: pictures[index], &client, framing) { faces.append(face) }
      }
      if interruption.isRequested { break }
      guard faces.count >= min(Self.fewest, pictures.count) else {
        throw WorkflowError.input(
          path: pictures[0].path,
          why: "in the pictures of \(dataset) the detector finds \(faces.count) faces near the middle, too few to know "
            + "how they were cut: use --pictures scenes or crops")
      }
      places[dataset] = Self.median(faces)
    }
    self.places = places
  }

  /// The face detected in a picture, in fractions of its size; nil if none is found or the file cannot be read.
  private static func face(
    in item: LabelledItem, _ client: inout DecoderClient, _ framing: FaceFraming
  ) throws -> Box? {
    func decoded(_ origin: FaceOrigin) throws -> TrackedFace? {
      try client.decode(Array(item.path.utf8), content: .picture, faces: origin) { _ in }.frames.first?.faces.first
    }
    // The centre of the whole-frame box yields the picture's size.
    guard let whole = try decoded(.wholeFrame).map({ framing.square(of: $0.box) }), let face = try decoded(.recut),
      face.confidence > 0
    else {
      return nil
    }
    let (width, height) = (2 * whole.centerX, 2 * whole.centerY)
    return Box(
      x: face.box.x / width, y: face.box.y / height, width: face.box.width / width, height: face.box.height / height)
  }

  /// Medians of centres and sizes.
  private static func median(_ boxes: [Box]) -> Box {
    func middle(_ value: (Box) -> Double) -> Double { boxes.map(value).sorted()[boxes.count / 2] }
    let (width, height) = (middle(\.width), middle(\.height))
    return Box(x: middle(\.centerX) - width / 2, y: middle(\.centerY) - height / 2, width: width, height: height)
  }
}
