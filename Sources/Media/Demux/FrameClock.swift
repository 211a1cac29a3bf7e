/// Works out when each frame of a stream is shown, from whatever timestamps its packets have.
struct FrameClock {
  /// Seconds that a running clock may step before it is taken to have started over. Receivers and recorders leave gaps
  /// of minutes.
  private static let largestStep = (back: 1.0, forth: 600.0)
  private static let assumedRate = 25.0

  let ticksPerFrame: Int64
  private let secondsPerTick: Double

  init(secondsPerTick: Double, framesPerSecond: Double?) {
    let ticks = 1 / ((framesPerSecond ?? Self.assumedRate) * secondsPerTick)
    // As many frames as a video may have are then still far from the end of the numbers.
    ticksPerFrame = Int64(min(max(ticks.rounded(), 1), 5e11))
    self.secondsPerTick = secondsPerTick
  }

  /// Takes jumps out of the timestamps, such as a broadcast's clock makes when it starts over or when recordings are
  /// joined: what follows a jump goes on one frame after what comes before. Gaps stay.
  ///
  /// - Parameter wraps: whether clocks of this container run modulo a number and are spliced, so that a step far forward
  ///   is no gap, either.
  func evenOut(_ records: inout [PacketScan.Record], wraps: Bool = true) {
    var shift: Int64 = 0
    var last: (clock: Int64, pts: Int64?)?
    for position in records.indices {
      guard let clock = records[position].dts ?? records[position].pts else { continue }
      let pts = records[position].pts
      if let last, isJump(from: last.clock, to: clock &+ shift, wraps) {
        // One time may be wrong by itself: a clock that starts over takes both along.
        var isAlone = false
        if let pts, let before = last.pts { isAlone = !isJump(from: before, to: pts &+ shift, wraps) }
        if !isAlone { shift = last.clock &+ ticksPerFrame &- clock }
      }
      last = (clock &+ shift, pts.map { $0 &+ shift } ?? last?.pts)
      records[position].shift(by: shift)
    }
  }

  private func isJump(from last: Int64, to next: Int64, _ wraps: Bool) -> Bool {
    let step = Double(next &- last) * secondsPerTick
    return step < -Self.largestStep.back || wraps && step > Self.largestStep.forth
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

  /// The same times in another order: that of presentation.
  func reordered(_ records: [PacketScan.Record], by order: PresentationOrder) -> [Int64] {
    let ascending = records.filter { !$0.traits.contains(.continuation) }.map { $0.pts ?? 0 }.sorted()
    return order.ranks.map { ascending[$0] }
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
