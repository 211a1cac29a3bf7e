/// Chooses frames that are evenly spread over a video's time and cheap to decode.
///
/// Each of `count` equal stretches of time gives the frame that is shown in its middle, or a neighbour at most a
/// quarter of a stretch away that costs less: one that others refer to and that is decoded anyway, or, where decoding
/// would go on for this sample alone, the earliest one, best at an entry point.
struct SampleChoice {
  private let index: PacketIndex
  /// Packets of the frames to choose from, in order of presentation.
  private let frames: [Int]
  private let count: Int
  /// Places in `frames` of the samples before any is moved, ascending.
  private let middles: [Int]
  /// Ticks of one stretch.
  private let stretch: Double

  init(_ index: PacketIndex, frames: [Int], count: Int) {
    self.index = index
    self.frames = frames
    self.count = min(count, frames.count)
    guard let first = frames.first, let last = frames.last else {
      middles = []
      stretch = 0
      return
    }
    let start = index.entries[first].time
    let span = Double(index.entries[last].time - start) + Double(index.lastDuration)
    stretch = span / Double(max(count, 1))
    var middles: [Int] = []
    var place = 0
    for sample in 0..<self.count {
      let middle = Double(start) + (Double(sample) + 0.5) * span / Double(count)
      // The last frame that begins at or before the middle; enough frames must be left for the samples to come.
      let highest = frames.count - (self.count - sample)
      while place < highest, Double(index.entries[frames[place + 1]].time) <= middle { place += 1 }
      middles.append(place)
      place += 1
    }
    self.middles = middles
  }

  /// The frames in the middles.
  func nearest() -> [Int] { middles.map { frames[$0] } }

  /// The frames that cost least near the middles.
  func cheapest() -> [Int] {
    var chosen: [Int] = []
    chosen.reserveCapacity(count)
    // From the end, where it is known how far decoding goes on anyway.
    for sample in middles.indices.reversed() {
      let next = chosen.last
      let before = sample > 0 ? frames[middles[sample - 1]] : -1
      chosen.append(cheapest(in: window(of: sample), around: middles[sample], before: before, next: next))
    }
    return chosen.reversed()
  }

  /// Places at most a quarter of a stretch from a sample's middle, and clear of its neighbours' windows.
  private func window(of sample: Int) -> ClosedRange<Int> {
    let middle = middles[sample]
    let time = index.entries[frames[middle]].time
    func isNear(_ place: Int) -> Bool {
      abs(Double(index.entries[frames[place]].time - time)) <= stretch / 4
    }
    let lowest = sample > 0 ? (middles[sample - 1] + middle) / 2 + 1 : 0
    let highest = sample + 1 < count ? (middle + middles[sample + 1]) / 2 : frames.count - 1
    var (first, last) = (middle, middle)
    while first > lowest, isNear(first - 1) { first -= 1 }
    while last < highest, isNear(last + 1) { last += 1 }
    return first...last
  }

  /// - Parameters:
  ///   - before: packet of the sample before; decoding reaches it in any case.
  ///   - next: packet of the sample after, already chosen.
  private func cheapest(in window: ClosedRange<Int>, around middle: Int, before: Int, next: Int?) -> Int {
    let nextStart = next.map(index.start(for:))
    func cost(_ place: Int) -> (frames: Int, distance: Int) {
      let packet = frames[place]
      let start = index.start(for: packet)
      // Decoded anyway for the next sample, or from where the sample before leaves off.
      let decoded = start == nextStart ? 0 : max(0, packet - max(start, before))
      return (decoded + (index.entries[packet].traits.contains(.disposable) ? 1 : 0), abs(place - middle))
    }
    let best = window.dropFirst().reduce(window.lowerBound) { cost($1) < cost($0) ? $1 : $0 }
    return frames[best]
  }
}
