/// Blocks of adjacent FaceForensics++ ids as groups, for data in which the ids are known only approximately.
///
/// Crops of the `ffpp-crops` layout and videos with ids get the same group if they show the same source.
public struct FaceForensicsBlocks: Sendable {
  /// Number of blocks that the ids of the `train` folder are divided into.
  public let trainingBlocks: Int
  /// Number of blocks of the `test` folder. All are in the test part, so no block needs a guard border, and small ones
  /// give honest intervals: a block is the unit of the bootstrap.
  public static let testBlocks = 50

  /// - Parameter trainingBlocks: 45 blocks of 20 ids lose 30 % of their pictures at borders between different parts.
  /// - Precondition: the blocks are wider than the uncertainty on both sides.
  public init(trainingBlocks: Int = 45) {
    precondition(
      FaceForensicsOrder.positions(.train) / Double(trainingBlocks) > 2 * FaceForensicsOrder.uncertainty,
      "\(trainingBlocks) blocks are too narrow for the uncertainty of the order")
    self.trainingBlocks = trainingBlocks
  }

  /// The block at a position and, near a border, the adjacent block.
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

  /// Gives videos of `FaceForensicsTree` the groups of the crops. Use only together with crops: the videos' own groups
  /// are finer.
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

  /// The name of the block for a group `ffpp:ID`; nil for other groups.
  func block(ofGroup group: String) -> String? { place(ofGroup: group)?.group }

  /// The block for a group `ffpp:ID`; nil for other groups. A video's id is exact, so there is no border group.
  private func place(ofGroup group: String) -> (group: String, fixedPart: Part?)? {
    guard group.hasPrefix("ffpp:"), let id = Int(group.dropFirst("ffpp:".count)), (0..<1000).contains(id) else {
      return nil
    }
    let place = FaceForensicsOrder.position(ofVideo: id)
    return (self.group(at: place.position, part: place.part).group, place.part == .test ? .test : nil)
  }
}
