import Compute

/// Computes the lifetime of every buffer of a plan and allocates the buffers.
///
/// Time covers the forward steps 0 ..< n, then the backward steps: step i runs backward at 2n - 1 - i.
struct PlanLayout {
  private let nodes: [FusedNode]
  private let steps: [any Step]
  private let shapes: [String: Shape]
  private let input: String
  private let outputs: [String]
  private let wanted: Set<String>
  private var blocks: [MemoryPlan.Block] = []
  private var producer: [String: Int] = [:]
  private var consumers: [String: [Int]] = [:]

  init(
    _ nodes: [FusedNode], _ steps: [any Step], _ shapes: [String: Shape], input: String, outputs: [String],
    wanted: Set<String>
  ) {
    self.nodes = nodes
    self.steps = steps
    self.shapes = shapes
    self.input = input
    self.outputs = outputs
    self.wanted = wanted
    for (index, node) in nodes.enumerated() {
      producer[node.output] = index
      for value in node.inputs { consumers[value, default: []].append(index) }
    }
  }

  /// Buffers are first added in any order, then allocated together.
  mutating func plan() -> ExecutorPlan {
    var values: [String: Int] = [:]
    var gradients: [String: Int] = [:]
    for node in nodes {
      values[node.output] = add(bytes(node.output), valueLife(node.output))
      if wanted.contains(node.output) { gradients[node.output] = add(bytes(node.output), gradientLife(node.output)) }
    }
    var drafts: [Draft] = []
    // Consumers run backward in reverse order: the last one writes a gradient, the earlier ones add to it.
    var written = Set(outputs)
    for index in nodes.indices.reversed() { drafts.append(draft(index, &written)) }
    drafts.reverse()

    let memory = MemoryPlan(blocks)
    func place(_ block: Int) -> ExecutorPlan.Place { .arena(memory.offsets[block]) }
    func valuePlace(_ name: String) -> ExecutorPlan.Place { values[name].map(place) ?? .input }
    func gradientPlace(_ name: String) -> ExecutorPlan.Place? {
      guard wanted.contains(name) else { return nil }
      return gradients[name].map(place) ?? .inputGradient
    }
    let entries = nodes.indices.map { index in
      let node = nodes[index]
      let draft = drafts[index]
      return ExecutorPlan.Entry(
        name: node.name, step: steps[index], inputs: node.inputs.map(valuePlace), output: valuePlace(node.output),
        outputCount: count(node.output),
        gradients: zip(node.inputs, draft.detours).map { value, detour in
          gradientPlace(value).map { .init(place: $0, detour: detour.map(place), count: count(value)) }
        },
        outputGradient: gradientPlace(node.output), saved: place(draft.saved),
        forwardScratch: place(draft.forwardScratch), backwardScratch: place(draft.backwardScratch))
    }
    return ExecutorPlan(
      entries: entries,
      outputs: outputs.map {
        .init(shape: shapes[$0] ?? [], place: valuePlace($0), gradient: gradientPlace($0))
      },
      arenaBytes: memory.totalBytes)
  }

  /// Indices of one step's own buffers.
  private struct Draft {
    var saved: Int
    var forwardScratch: Int
    var backwardScratch: Int
    var detours: [Int?]
  }

  private mutating func draft(_ index: Int, _ written: inout Set<String>) -> Draft {
    let needs = steps[index].needs
    let runsBackward = wanted.contains(nodes[index].output)
    let back = backwardTime(index)
    var draft = Draft(
      saved: add(needs.savedBytes, index...(runsBackward ? back : index)),
      forwardScratch: add(needs.scratchBytes, index...index),
      backwardScratch: add(runsBackward ? needs.scratchBytes : 0, back...back), detours: [])
    for value in nodes[index].inputs {
      let needsDetour = runsBackward && wanted.contains(value) && !written.insert(value).inserted
      draft.detours.append(needsDetour ? add(bytes(value), back...back) : nil)
    }
    return draft
  }

  private func backwardTime(_ index: Int) -> Int { 2 * nodes.count - 1 - index }

  private func valueLife(_ value: String) -> ClosedRange<Int> {
    let made = producer[value] ?? 0
    var last = outputs.contains(value) ? nodes.count : made
    if wanted.contains(value), steps[made].needs.backwardReadsOutput { last = max(last, backwardTime(made)) }
    for reader in consumers[value] ?? [] {
      last = max(last, reader)
      if wanted.contains(nodes[reader].output), steps[reader].needs.backwardReadsInput {
        last = max(last, backwardTime(reader))
      }
    }
    return made...last
  }

  private func gradientLife(_ value: String) -> ClosedRange<Int> {
    let read = backwardTime(producer[value] ?? 0)
    let lastReader = consumers[value]?.max() ?? 0
    let written = outputs.contains(value) ? nodes.count : backwardTime(lastReader)
    return written...read
  }

  private func count(_ value: String) -> Int { shapes[value]?.count ?? 0 }
  private func bytes(_ value: String) -> Int { count(value) * MemoryLayout<Float>.stride }

  private mutating func add(_ bytes: Int, _ life: ClosedRange<Int>) -> Int {
    blocks.append(.init(bytes: bytes, life: life))
    return blocks.count - 1
  }
}

/// Allocates blocks with limited lifetimes in one memory region, so that blocks with disjoint lifetimes share memory.
struct MemoryPlan {
  struct Block {
    let bytes: Int
    /// First and last time at which the block is in use.
    let life: ClosedRange<Int>
  }

  /// Offset of each block in bytes; multiples of 64.
  let offsets: [Int]
  /// Size of the region.
  let totalBytes: Int

  /// Greedy by size (Pisarchyk and Lee 2020): each block, largest first, gets the lowest gap between the allocated blocks
  /// with overlapping lifetimes.
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
