import Testing

@testable import Media

@Suite("Which frames are sampled and what is decoded for them")
struct SamplePlanTests {
  /// Groups of `size` packets, I then pairs of P and disposable b: decoded I P b P b…, 10 ticks a frame.
  private func index(groups: Int, of size: Int, traits: PacketTraits = [.key, .entryPoint]) -> PacketIndex {
    var entries: [PacketIndex.Entry] = []
    for group in 0..<groups {
      let start = Int64(group * size)
      for place in 0..<Int64(size) {
        // P takes the place behind its b.
        let shown = place == 0 ? 0 : place % 2 == 1 ? min(place + 1, Int64(size) - 1) : place - 1
        entries.append(
          .init(time: (start + shown) * 10, traits: place == 0 ? traits : place % 2 == 1 ? [] : .disposable))
      }
    }
    return PacketIndex(entries: entries)
  }

  @Test("evenly spread, within a quarter of the way to the next, none twice", arguments: [1, 2, 3, 7, 16, 50, 99, 250])
  func even(count: Int) {
    for size in [1, 5, 25, 251] {
      let index = index(groups: 251 / size, of: size)
      let frames = index.shownFrames()
      let plan = SamplePlan(index, count: count, keyframesOnly: false)
      let times = plan.wanted.map { index.entries[$0].time }
      #expect(times.count == min(count, frames.count))
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
      let stretch = Double(frames.count * 10) / Double(count)
      for (number, time) in times.enumerated() where count < frames.count {
        #expect(abs(Double(time) + 5 - (Double(number) + 0.5) * stretch) <= stretch / 4 + 10)
      }
    }
  }

  @Test("frames that others need are preferred, and the last one of a group is early")
  func cheap() {
    let index = index(groups: 1, of: 101)
    let plan = SamplePlan(index, count: 4, keyframesOnly: false)
    #expect(plan.wanted.allSatisfy { !index.entries[$0].traits.contains(.disposable) })
    // The middle of the last quarter is frame 88; a quarter of a stretch before lies 82.
    #expect(index.entries[plan.wanted[3]].time == 820)
    #expect(plan.runs == [0..<(plan.wanted[3] + 1)])
  }

  @Test("groups without samples are jumped over, entry points near a sample are taken")
  func jumps() {
    let index = index(groups: 40, of: 10)
    let plan = SamplePlan(index, count: 4, keyframesOnly: false)
    #expect(plan.wanted.allSatisfy { index.entries[$0].traits.contains(.entryPoint) })
    #expect(plan.runs == plan.wanted.map { $0..<($0 + 1) })
  }

  @Test("settings in the middle forbid jumps")
  func settings() {
    var entries = index(groups: 40, of: 10).entries
    entries[55].traits.insert(.settings)
    let plan = SamplePlan(PacketIndex(entries: entries), count: 4, keyframesOnly: false)
    #expect(plan.runs.count == 1 && plan.runs[0].lowerBound == 0)
  }

  @Test("frames shown before their entry point need the group before")
  func leadingFrames() {
    // I0 P2 b1 | I5 b3 b4 P7 b6: the b3 and b4 behind I5 refer to P2.
    let times: [Int64] = [0, 2, 1, 5, 3, 4, 7, 6]
    let entries = times.enumerated().map { place, time in
      PacketIndex.Entry(time: time, traits: place == 0 || place == 3 ? [.key, .entryPoint] : [])
    }
    let index = PacketIndex(entries: entries)
    #expect(times.indices.map(index.start(for:)) == [0, 0, 0, 3, 0, 0, 3, 3])
    #expect(index.reorderDepth == 1)
  }

  @Test("what comes before the first key frame, or shows nothing, is not sampled")
  func unseen() {
    var entries = index(groups: 2, of: 10).entries
    entries[0].traits = []
    entries[12].traits.insert(.hidden)
    entries[14].traits.insert(.continuation)
    let index = PacketIndex(entries: entries)
    #expect(Set(index.shownFrames()) == Set(10..<20).subtracting([12, 14]))
    #expect(index.endOfFrame(13) == 15)
  }

  @Test("key frames alone")
  func keyFrames() {
    let plan = SamplePlan(index(groups: 8, of: 10), count: 4, keyframesOnly: true)
    #expect(plan.wanted.count == 4 && plan.wanted.allSatisfy { $0 % 10 == 0 })
    #expect(plan.runs == plan.wanted.map { $0..<($0 + 1) })
  }
}
