/// Works out when each frame of a stream is shown, from whatever timestamps its packets have.
struct FrameClock {
  /// Seconds that a running clock may step before it is taken to have started over.
  private static let largestStep = (back: 1.0, forth: 10.0)
  private static let assumedRate = 25.0

  let ticksPerFrame: Int64
  private let secondsPerTick: Double

  init(secondsPerTick: Double, framesPerSecond: Double?) {
    let ticks = 1 / ((framesPerSecond ?? Self.assumedRate) * secondsPerTick)
    // As many frames as a video may have are then still far from the end of the numbers.
    ticksPerFrame = Int64(min(max(ticks.rounded(), 1), 5e11))
    self.secondsPerTick = secondsPerTick
  }

  /// Takes jumps out of the timestamps, such as a broadcast's clock makes when it starts over: what follows a jump
  /// goes on one frame after what comes before.
  func evenOut(_ records: inout [PacketScan.Record]) {
    var shift: Int64 = 0
    var last: Int64?
    for position in records.indices {
      guard let clock = records[position].dts ?? records[position].pts else { continue }
      if let last {
        let step = Double(clock &+ shift &- last) * secondsPerTick
        if step < -Self.largestStep.back || step > Self.largestStep.forth {
          shift = last &+ ticksPerFrame &- clock
        }
      }
      last = clock &+ shift
      records[position].shift(by: shift)
    }
  }

  /// Presentation times, in decoding order, of frames whose order is known but not all of whose times are.
  ///
  /// Frames without a time are spread between those around them that have one. Where none has, decoding times in
  /// ascending order are presentation times but for a delay that is the same for all; where those are missing too,
  /// frames follow each other at the stream's rate.
  func times(of records: [PacketScan.Record], in order: PresentationOrder) -> [Int64] {
    var byRank = [Int64?](repeating: nil, count: order.frameCount)
    for position in records.indices where !records[position].traits.contains(.continuation) {
      byRank[order.ranks[position]] = records[position].pts
    }
    let shown: [Int64]
    if byRank.contains(where: { $0 != nil }) {
      shown = filled(byRank)
    } else {
      let decodingTimes = records.lazy.filter { !$0.traits.contains(.continuation) }.compactMap(\.dts).sorted()
      shown = decodingTimes.count == byRank.count ? decodingTimes : byRank.indices.map { Int64($0) &* ticksPerFrame }
    }
    return order.ranks.map { shown[$0] }
  }

  private func filled(_ times: [Int64?]) -> [Int64] {
    let known = times.indices.filter { times[$0] != nil }
    var filled = times.map { $0 ?? 0 }
    guard let first = known.first, let last = known.last else { return filled }
    for rank in 0..<first { filled[rank] = filled[first] &- Int64(first - rank) &* ticksPerFrame }
    for rank in last..<times.count { filled[rank] = filled[last] &+ Int64(rank - last) &* ticksPerFrame }
    for (left, right) in zip(known, known.dropFirst()) {
      let step = (Double(filled[right]) - Double(filled[left])) / Double(right - left)
      for rank in (left + 1)..<right { filled[rank] = filled[left] &+ Int64(Double(rank - left) * step) }
    }
    return filled
  }
}
