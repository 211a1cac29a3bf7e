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

  @Test("frames of packets that count as out of sequence are whole, and shown")
  func outOfSequence() throws {
    var bytes = try bytes(of: "open-groups.ts")
    // The low half of the fourth byte of a packet counts the packets of its stream.
    for start in stride(from: 0, to: bytes.count, by: 188) where start / 188 % 3 == 0 { bytes[start + 3] ^= 0x05 }
    let path = try TestClips.write(bytes, to: "out-of-sequence.ts")
    let video = try SampledVideo(path, count: 1000)
    // Not the last frame: the file ends in a packet that is called damaged, too.
    let expected = try ReferenceDecode(Clip.named("open-groups.ts")).frames.map(\.digest)
    #expect(video.samples.map(\.digest) == expected.dropLast(video.samples.count == expected.count ? 0 : 1))
    #expect(video.report.damages > 50)
  }

  @Test("a frame that does not come out is missing in the report")
  func missingFrame() throws {
    var bytes = try bytes(of: "mjpeg.avi")
    let name = Array("00dc".utf8)
    let chunks = bytes.indices.dropLast(8).filter { bytes[$0...].starts(with: name) && bytes[$0 + 8] == 0xFF }
    #expect(chunks.count == 100)
    for chunk in [chunks[10], chunks[60]] { for place in chunk + 8..<chunk + 2000 { bytes[place] = 0 } }
    let report = try SampledVideo(try TestClips.write(bytes, to: "two-missing.avi"), count: 1000).report
    #expect(report.missing == 2)
    #expect(report.decoded == 98)
    #expect(report.decodeErrors >= 2)
  }

  @Test("recordings of formats without a sign for their end are whole", arguments: ["parts.mpjpeg", "server.gxf"])
  func whole(name: String) throws {
    _ = try Clip.named("mjpeg.avi")
    let coding =
      name == "parts.mpjpeg"
      ? ["-c", "copy", "-f", "mpjpeg"] : ["-vf", "scale=720:576", "-c:v", "mpeg2video", "-b:v", "8M"]
    let path = try TestClips.make(name, ["-i", "CLIP/mjpeg.avi"] + coding)
    let report = try SampledVideo(path, count: 1000).report
    #expect(report.decoded == (try ReferenceDecode(path).frames.count))
    #expect(report.decoded >= 99)
    #expect(report.truncation == nil)
    #expect(report.damages == 0)
  }

  @Test("frames that an edit list hides are counted", arguments: ["edit-list.mp4", "b-pyramid.mp4"])
  func editedOut(name: String) throws {
    let report = try SampledVideo(Clip.named(name), count: 1000).report
    #expect(report.framesEditedOut == (name == "edit-list.mp4" ? 13 : 0))
    #expect(report.decoded + report.framesEditedOut == 100)
  }

  @Test("a track with samples of two codecs says so")
  func secondCodec() throws {
    var bytes = try bytes(of: "one-group.mp4")
    let boxes = ["moov", "trak", "mdia", "minf", "stbl", "stsd"]
    let places = try boxes.map { name in
      try #require(bytes.indices.dropLast(4).last { bytes[$0...].starts(with: Array(name.utf8)) })
    }
    // The index is at the end. It gets a copy of the sample entry of another type.
    func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    let entry = places[5] + 12
    var copy = Array(bytes[entry..<entry + number(entry)])
    copy.replaceSubrange(4..<8, with: Array("hvc1".utf8))
    let end = entry + copy.count
    for place in places {
      let size = number(place - 4) + copy.count
      bytes.replaceSubrange(place - 4..<place, with: (0..<4).map { UInt8(size >> (24 - 8 * $0) & 0xFF) })
    }
    bytes[places[5] + 11] = 2
    bytes.insert(contentsOf: copy, at: end)
    let report = try SampledVideo(try TestClips.write(bytes, to: "two-codecs.mp4"), count: 4).report
    #expect(report.hasOtherCodecs)
    #expect(report.decoded == 4)
    #expect(try !SampledVideo(Clip.named("one-group.mp4"), count: 4).report.hasOtherCodecs)
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
