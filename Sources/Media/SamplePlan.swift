/// Which frames of a video are wanted and which packets have to be decoded for them.
struct SamplePlan {
  /// Packets of the wanted frames, in order of presentation.
  let wanted: [Int]
  /// Packets, in decoding order, that go to the decoder: runs between which it starts afresh.
  let runs: [Range<Int>]

  /// Packets that a jump has to save before it is worth emptying the decoder.
  private static let leastJump = 4

  /// - Parameters:
  ///   - count: frames to sample, at least 1.
  ///   - keyframesOnly: whether only key frames count.
  init(_ index: PacketIndex, count: Int, keyframesOnly: Bool) {
    var frames = index.shownFrames()
    if keyframesOnly {
      frames.removeAll { !index.entries[$0].traits.contains(.key) }
      wanted = SampleChoice(index, frames: frames, count: count).nearest()
      runs = wanted.sorted().map { $0..<index.endOfFrame($0) }
    } else {
      wanted = SampleChoice(index, frames: frames, count: count).cheapest()
      runs = Self.runs(for: wanted, in: index)
    }
  }

  /// - Parameters:
  ///   - wanted: packets of the wanted frames, in order of presentation.
  ///   - keyframesOnly: whether all of them are key frames, each decoded alone.
  init(_ index: PacketIndex, wanted: [Int], keyframesOnly: Bool = false) {
    self.wanted = wanted
    runs =
      keyframesOnly
      ? wanted.sorted().map { $0..<index.endOfFrame($0) } : Self.runs(for: wanted, in: index)
  }

  /// For each wanted packet all packets from the start of its group; near runs are joined.
  private static func runs(for wanted: [Int], in index: PacketIndex) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for packet in wanted.sorted() {
      let run = index.start(for: packet)..<index.endOfFrame(packet)
      if let last = runs.last, run.lowerBound < last.upperBound + leastJump {
        runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, run.upperBound)
      } else {
        runs.append(run)
      }
    }
    return runs
  }
}
