/// Which frames of a video are wanted and which packets have to be decoded for them.
struct SamplePlan {
  /// Presentation times of the wanted frames, ascending; numbers of frames when the packets are not timed.
  private(set) var wanted: [Int64] = []
  /// Packets, in decoding order, that go to the decoder: runs between which it starts afresh.
  private(set) var runs: [Range<Int>] = []
  /// Whether unreferenced frames may be left out of the decoding: not when frames are counted.
  private(set) var mayDropFrames = true

  /// Packets that a jump has to save before it is worth emptying the decoder.
  private static let leastJump = 4

  /// - Parameters:
  ///   - count: frames to sample, at least 1.
  ///   - keyframesOnly: whether only key frames count.
  init(_ index: PacketIndex, count: Int, keyframesOnly: Bool) {
    guard index.isTimed else {
      mayDropFrames = false
      let frames = index.entries.count
      wanted = Self.spread(count, over: frames).map(Int64.init)
      if let last = wanted.last {
        // Reordering delays a frame by at most 16 packets (H.264 and HEVC); the rest need not be read.
        runs = [0..<min(frames, Int(last) + 33)]
      }
      return
    }
    var candidates = index.entries.indices.filter { index.entries[$0].isShown }
    if keyframesOnly { candidates.removeAll { !index.entries[$0].isKey } }
    candidates.sort { index.entries[$0].pts < index.entries[$1].pts }
    let chosen = Self.choose(count, from: candidates, in: index)
    wanted = chosen.map { index.entries[$0].pts }
    runs = keyframesOnly ? chosen.sorted().map { $0..<($0 + 1) } : Self.runs(for: chosen, in: index.entries)
  }

  /// Middle of each of `count` equal parts of `total`, without repetition.
  private static func spread(_ count: Int, over total: Int) -> [Int] {
    guard count < total else { return Array(0..<total) }
    return (0..<count).map { (2 * $0 + 1) * total / (2 * count) }
  }

  /// The frame that is shown in the middle of each of `count` equal stretches of time; a neighbour at most a quarter of
  /// a stretch away takes its place when it is decoded anyway for others and the middle one is not.
  private static func choose(_ count: Int, from candidates: [Int], in index: PacketIndex) -> [Int] {
    guard count < candidates.count, let first = candidates.first else { return candidates }
    let times = candidates.map { index.entries[$0].pts }
    let start = index.entries[first].pts
    let stretch = Double(max(index.spanTicks, 1)) / Double(count)
    var chosen: [Int] = []
    var next = 0
    for part in 0..<count {
      let middle = Double(start) + (Double(part) + 0.5) * stretch
      // The last frame that begins at or before the middle, but none that an earlier part has taken.
      var position = next
      while position + 1 < times.count, Double(times[position + 1]) <= middle { position += 1 }
      guard position < times.count else { break }
      position = cheaper(position, from: next, candidates, times, reach: stretch / 4, in: index)
      chosen.append(candidates[position])
      next = position + 1
    }
    return chosen
  }

  private static func cheaper(
    _ position: Int, from lowest: Int, _ candidates: [Int], _ times: [Int64], reach: Double, in index: PacketIndex
  ) -> Int {
    guard index.entries[candidates[position]].isDisposable else { return position }
    let time = times[position]
    var distance = 1
    while true {
      let below = position - distance
      let above = position + distance
      let isBelowNear = below >= lowest && Double(time - times[below]) <= reach
      let isAboveNear = above < times.count && Double(times[above] - time) <= reach
      if isBelowNear, !index.entries[candidates[below]].isDisposable { return below }
      if isAboveNear, !index.entries[candidates[above]].isDisposable { return above }
      if !isBelowNear && !isAboveNear { return position }
      distance += 1
    }
  }

  /// For each wanted packet all packets from the last entry point that is shown no later; near runs are joined.
  private static func runs(for chosen: [Int], in entries: [PacketIndex.Entry]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for packet in chosen.sorted() {
      let start =
        entries[...packet].lastIndex { $0.isEntryPoint && $0.pts <= entries[packet].pts } ?? entries.startIndex
      if let last = runs.last, start <= last.upperBound + leastJump {
        runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, packet + 1)
      } else {
        runs.append(start..<(packet + 1))
      }
    }
    return runs
  }
}
