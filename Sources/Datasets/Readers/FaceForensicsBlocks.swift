/// Groups of neighbouring FaceForensics++ ids, for data in which the ids are known only roughly.
///
/// Crops of the `ffpp-crops` layout and videos with ids get the same group when they show the same source.
public struct FaceForensicsBlocks: Sendable {
  /// Blocks that the ids of the `train` folder are divided into.
  public let trainingBlocks: Int
  /// Blocks of the `test` folder. All of them are in the test part, so that none of them needs a guarded border, and
  /// small ones give honest intervals: a block is one draw of the bootstrap.
  public static let testBlocks = 50

  /// - Parameter trainingBlocks: 45 blocks of 20 ids lose 30 % of their pictures at a border whose sides differ.
  /// - Precondition: the blocks are wider than the uncertainty on both sides.
  public init(trainingBlocks: Int = 45) {
    precondition(
      FaceForensicsOrder.positions(.train) / Double(trainingBlocks) > 2 * FaceForensicsOrder.uncertainty,
      "\(trainingBlocks) blocks are too narrow for the uncertainty of the order")
    self.trainingBlocks = trainingBlocks
  }

  /// The block at a position and, near a border, the block on its other side.
  func group(at position: Double, part: Part) -> (group: String, border: String?) {
    let count = part == .test ? Self.testBlocks : trainingBlocks
    let width = FaceForensicsOrder.positions(part) / Double(count)
    let block = min(max(Int((position / width).rounded(.down)), 0), count - 1)
    guard part != .test else { return (name(block, part), nil) }
    let offset = position - Double(block) * width
    var neighbour: Int?
    if offset < FaceForensicsOrder.uncertainty { neighbour = block - 1 }
    if offset > width - FaceForensicsOrder.uncertainty { neighbour = block + 1 }
    return (name(block, part), neighbour.flatMap { (0..<count).contains($0) ? name($0, part) : nil })
  }

  private func name(_ block: Int, _ part: Part) -> String {
    "ffpp-\(part == .test ? "test" : "train"):\(block < 10 ? "0" : "")\(block)"
  }

  /// Gives videos of `FaceForensicsTree` the groups of the crops. Without crops beside them leave their own groups,
  /// which are finer.
  public func regrouped(_ items: [LabelledItem]) -> [LabelledItem] {
    items.map { item in
      var item = item
      guard let own = place(ofGroup: item.group) else { return item }
      item.group = own.group
      item.fixedPart = own.fixedPart
      item.kin = item.kin.map { place(ofGroup: $0)?.group ?? $0 }
      return item
    }
  }

  /// The name of the block of a group `ffpp:ID`; nil for all others.
  func block(ofGroup group: String) -> String? { place(ofGroup: group)?.group }

  /// The block of a group `ffpp:ID`; nil for all others. A video's id is exact, so it has no border group.
  private func place(ofGroup group: String) -> (group: String, fixedPart: Part?)? {
    guard group.hasPrefix("ffpp:"), let id = Int(group.dropFirst("ffpp:".count)), (0..<1000).contains(id) else {
      return nil
    }
    let place = FaceForensicsOrder.position(ofVideo: id)
    return (self.group(at: place.position, part: place.part).group, place.part == .test ? .test : nil)
  }
}
