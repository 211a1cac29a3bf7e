import Compute
import Testing

@testable import NeuralNet

@Suite("Memory plans")
struct MemoryPlanTests {
  @Test("blocks with overlapping lifetimes never overlap in memory", arguments: 0..<20)
  func disjoint(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let blocks = (0..<40).map { _ in
      let start = Int.random(in: 0..<30, using: &generator)
      return MemoryPlan.Block(
        bytes: Int.random(in: 0..<2000, using: &generator),
        life: start...(start + Int.random(in: 0..<8, using: &generator)))
    }
    let plan = MemoryPlan(blocks)
    for (i, a) in blocks.enumerated() {
      #expect(plan.offsets[i] % 64 == 0)
      #expect(plan.offsets[i] + a.bytes <= plan.totalBytes)
      for (j, b) in blocks.enumerated() where j < i && a.life.overlaps(b.life) && a.bytes > 0 && b.bytes > 0 {
        #expect(plan.offsets[i] + a.bytes <= plan.offsets[j] || plan.offsets[j] + b.bytes <= plan.offsets[i])
      }
    }
  }

  @Test("a chain needs the memory of its two largest neighbours")
  func chain() {
    let blocks = (0..<10).map { MemoryPlan.Block(bytes: 640, life: $0...($0 + 1)) }
    #expect(MemoryPlan(blocks).totalBytes == 1280)
  }
}
