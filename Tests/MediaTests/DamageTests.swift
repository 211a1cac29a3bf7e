import TestSupport
import Testing

@testable import Media

@Suite("Damaged videos give what is left of them")
struct DamageTests {
  @Test("cut off behind the index: frames up to the cut", arguments: [30, 60, 90])
  func cut(percent: Int) throws {
    let path = try Clip.named("b-pyramid.mp4")
    let front = try TestClips.make("index-first.mp4", ["-i", path, "-c", "copy", "-movflags", "faststart"])
    let whole = try contents(of: front)
    let damaged = try TestClips.write(Array(whole.prefix(whole.count * percent / 100)), to: "cut-\(percent).mp4")
    let video = try SampledVideo(damaged, count: 8)
    #expect(video.report.truncated)
    #expect(video.report.declaredSeconds == 4)
    #expect(video.report.reachedSeconds < 4 * Double(percent + 15) / 100)
    #expect(video.samples.count >= 7)
    let reference = try ReferenceDecode(path)
    for sample in video.samples.dropLast() {
      #expect(reference.nearest(to: sample.frame.seconds)?.digest == sample.digest)
    }
  }

  @Test("cut off in other containers", arguments: ["open-groups.mkv", "fragments.mp4"])
  func cutElsewhere(name: String) throws {
    let whole = try bytes(of: name)
    let damaged = try TestClips.write(Array(whole.prefix(whole.count / 2)), to: "cut-" + name)
    let video = try SampledVideo(damaged, count: 8)
    #expect(video.samples.count == 8)
    #expect(video.report.reachedSeconds < 3)
    #expect(video.report.truncated)
  }

  @Test("holes in the data are counted, not fatal")
  func holes() throws {
    var damaged = try bytes(of: "open-groups.ts")
    for start in stride(from: 20_000, to: damaged.count - 400, by: 9_000) {
      for position in start..<start + 300 { damaged[position] = 0x55 }
    }
    let video = try SampledVideo(try TestClips.write(damaged, to: "holes.ts"), count: 16)
    #expect(video.report.decodeErrors > 0)
    #expect(!video.report.firstErrors.isEmpty && video.report.firstErrors.count <= 3)
    #expect(video.samples.count >= 8)
  }

  @Test("a recording that begins in the middle of a group gives no broken frames")
  func lateStart() throws {
    let path = try Clip.named("wrapping.ts")
    let whole = try contents(of: path)
    // Packets of a transport stream have 188 bytes.
    let late = try TestClips.write(Array(whole.dropFirst(188 * 120)), to: "late.ts")
    let reference = Set(try ReferenceDecode(path).frames.map(\.digest))
    let video = try SampledVideo(late, count: 8)
    #expect(video.samples.count == 8)
    for sample in video.samples { #expect(reference.contains(sample.digest)) }
  }

  @Test(
    "random bytes in any place crash nothing",
    arguments: ["b-pyramid.mp4", "open-groups.mkv", "mpeg4.avi", "wrapping.ts"])
  func noise(name: String) throws {
    let whole = try bytes(of: name)
    var state: UInt64 = 7
    func random(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for round in 0..<12 {
      var damaged = whole
      // The front holds headers in most containers.
      for _ in 0..<20 { damaged[random(below: round % 2 == 0 ? whole.count : 2000)] = UInt8(random(below: 256)) }
      let path = try TestClips.write(damaged, to: "noise-\(round)-\(name)")
      do {
        let video = try SampledVideo(path, count: 4)
        #expect(video.report.reachedSeconds.isFinite)
        #expect(video.samples.allSatisfy { $0.frame.seconds.isFinite })
      } catch let error as MediaError {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
