/// Places blocks that live for a while each in one stretch of memory, so that those which never live together share it.
struct MemoryPlan {
  struct Block {
    let bytes: Int
    /// First and last moment at which the block holds something.
    let life: ClosedRange<Int>
  }

  /// Where each block starts, in bytes; multiples of 64.
  let offsets: [Int]
  /// Length of the whole stretch.
  let totalBytes: Int

  /// Greedy by size: each block, the largest first, takes the lowest gap among the placed blocks that live with it
  /// (Pisarchyk and Lee 2020, "greedy by size").
  init(_ blocks: [Block]) {
    var offsets = [Int](repeating: 0, count: blocks.count)
    var placed: [Int] = []
    var total = 0
    let order = blocks.indices.sorted { (blocks[$0].bytes, $1) > (blocks[$1].bytes, $0) }
    for index in order {
      let block = blocks[index]
      let size = Self.rounded(block.bytes)
      let neighbours = placed.filter { blocks[$0].life.overlaps(block.life) }.sorted { offsets[$0] < offsets[$1] }
      var start = 0
      for other in neighbours where offsets[other] < start + size {
        start = max(start, offsets[other] + Self.rounded(blocks[other].bytes))
      }
      offsets[index] = start
      placed.append(index)
      total = max(total, start + size)
    }
    self.offsets = offsets
    totalBytes = total
  }

  private static func rounded(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
}
