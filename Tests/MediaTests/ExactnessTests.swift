import TestSupport
import Testing

@testable import Media

@Suite("Sampled frames are those of a full decode")
struct ExactnessTests {
  @Test("few, some and all frames: bit for bit, none lost or twice", arguments: Clip.all)
  func generated(_ clip: Clip) throws {
    let path = try clip.path()
    let reference = try ReferenceDecode(path)
    #expect(reference.frames.count >= 20)
    for count in [1, 3, 16] { try expectExact(path, reference, count: count) }
    let all = try SampledVideo(path, count: 1000)
    #expect(all.samples.map(\.digest) == reference.frames.map(\.digest))
  }

  @Test("real videos", .enabled(if: SharedData.dfdcVideos != nil, "there are no real videos beside the package"))
  func real() throws {
    for path in (SharedData.dfdcVideos ?? []) + (SharedData.ffppVideos ?? []).prefix(1) {
      let reference = try ReferenceDecode(path)
      for count in [5, 16] { try expectExact(path, reference, count: count) }
    }
  }

  @Test("the approximate modes differ, and key frames alone are few")
  func approximate() throws {
    let path = try Clip.named("b-pyramid.mp4")
    let exact = try SampledVideo(path, count: 8)
    let fast = try SampledVideo(path, count: 8, mode: .fast)
    #expect(fast.samples.map(\.frame) == exact.samples.map(\.frame))
    #expect(fast.samples.map(\.digest) != exact.samples.map(\.digest))
    let keys = try SampledVideo(path, count: 8, mode: .keyframes)
    #expect(keys.samples.map(\.frame.seconds) == [0, 1.6, 3.2])
    #expect(keys.report.packets == 3)
    let reference = try ReferenceDecode(path)
    #expect(keys.samples.map(\.digest) == [0, 40, 80].map { reference.frames[$0].digest })
  }

  private func expectExact(_ path: String, _ reference: ReferenceDecode, count: Int) throws {
    let video = try SampledVideo(path, count: count)
    #expect(video.samples.count == min(count, reference.frames.count), "\(count) samples of \(path)")
    #expect(video.report.decoded == video.samples.count)
    #expect(video.report.decodeErrors == 0, "\(video.report.firstErrors)")
    #expect(!video.report.truncated)
    let times = video.samples.map(\.frame.seconds)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    let different = video.samples.filter { reference.nearest(to: $0.frame.seconds)?.digest != $0.digest }
    #expect(different.isEmpty, "\(count) samples of \(path)")
  }
}
