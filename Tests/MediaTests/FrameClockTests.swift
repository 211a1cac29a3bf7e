import Testing

@testable import Media

@Suite("Times of frames, from whatever the packets have")
struct FrameClockTests {
  /// 90 kHz, 25 frames a second.
  private let clock = FrameClock(secondsPerTick: 1 / 90_000, framesPerSecond: 25)

  private func records(pts: [Int64?], dts: [Int64?], disposable: Set<Int> = []) -> [PacketScan.Record] {
    zip(pts, dts).enumerated().map { number, times in
      PacketScan.Record(pts: times.0, dts: times.1, traits: disposable.contains(number) ? .disposable : [])
    }
  }

  @Test("a clock that starts over goes on", arguments: [-(1 << 33), 1 << 33, -90_000 * 3600, 90_000 * 3600] as [Int64])
  func jump(ticks: Int64) {
    let times = (0..<10).map { Int64($0) * 3600 + ($0 < 5 ? 0 : ticks) }
    var jumped = records(pts: times.map { $0 + 7200 }, dts: times)
    clock.evenOut(&jumped)
    #expect(jumped.map(\.pts) == (0..<10).map { $0 * 3600 + 7200 })
  }

  @Test("gaps of minutes and reordering are no jumps")
  func gaps() {
    let gap: Int64 = 90 * 90_000
    let times: [Int64] = [0, 3600, 3600 + gap, 7200 + gap]
    var even = records(pts: [7200, 3600, 14400 + gap, 10800 + gap], dts: times)
    let before = even.map(\.pts)
    clock.evenOut(&even)
    #expect(even.map(\.pts) == before)
  }

  @Test("absurd times overflow nothing")
  func absurd() {
    let times: [Int64?] = [.max, .min + 1, 0, .max, -5]
    var absurd = records(pts: times, dts: times)
    clock.evenOut(&absurd)
    let index = PacketIndex(entries: absurd.map { .init(time: $0.pts ?? 0, traits: .key) })
    #expect(SampleChoice(index, frames: index.shownFrames(), count: 2).cheapest().count == 2)
  }

  @Test("frames without times lie between those with one")
  func missing() {
    // Decoded I P B B P B B; the Bs have times.
    let some = records(
      pts: [nil, nil, 3600, 7200, nil, 14400, 18000], dts: (0..<7).map { $0 * 3600 }, disposable: [2, 3, 5, 6])
    let order = PresentationOrder(holdingBackReferences: some)
    #expect(order.ranks == [0, 3, 1, 2, 6, 4, 5])
    #expect(clock.times(of: some, in: order) == [0, 10800, 3600, 7200, 21600, 14400, 18000])
  }

  @Test("without any time of presentation those of decoding serve, without these the rate")
  func untimed() {
    let decoded = records(pts: [nil, nil, nil], dts: [100, 200, 300], disposable: [2])
    let order = PresentationOrder(holdingBackReferences: decoded)
    #expect(clock.times(of: decoded, in: order) == [100, 300, 200])
    let nothing = records(pts: [nil, nil, nil], dts: [nil, nil, nil], disposable: [2])
    #expect(clock.times(of: nothing, in: order) == [0, 7200, 3600])
  }

  @Test("pictures that count themselves: sequences start anew, second fields go with the first")
  func counters() {
    var counted = records(pts: [nil, nil, nil, nil, nil, nil], dts: [nil, nil, nil, nil, nil, nil])
    counted[0].traits = .newSequence
    counted[2].traits = .continuation
    counted[4].traits = .newSequence
    let order = PresentationOrder(counters: [0, 8, 9, 4, 0, 4], of: counted)
    #expect(order.frameCount == 5)
    #expect(order.ranks == [0, 2, 2, 1, 3, 4])
    #expect(clock.times(of: counted, in: order) == [0, 7200, 7200, 3600, 10800, 14400])
  }
}
