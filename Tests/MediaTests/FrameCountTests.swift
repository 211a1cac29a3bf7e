import TestSupport
import Testing

@testable import Media

@Suite("Frames are counted and timed as the decoder gives them")
struct FrameCountTests {
  private static let pattern = ["-f", "lavfi", "-i", "testsrc2=s=192x144:r=25:d=4"]

  @Test("fields in packets of their own: pairs are frames, lone ones are not shown")
  func fields() {
    var pairing = FieldPairing()
    func place(_ number: Int, _ field: H264Headers.Field?) -> FieldPairing.Place {
      pairing.place(of: .init(frameNumber: number, modulus: 16, field: field))
    }
    #expect(place(0, .top) == .firstField)
    #expect(place(0, .bottom) == .secondField)
    #expect(place(1, .bottom) == .firstField)
    #expect(place(1, .top) == .secondField)
    #expect(place(2, nil) == .frame)
    #expect(!pairing.lostLastFrame)
    // The other field of picture 3 is missing.
    #expect(place(3, .top) == .firstField)
    #expect(place(4, .bottom) == .firstField)
    #expect(pairing.lostLastFrame)
    #expect(place(4, .top) == .secondField)
    #expect(!pairing.lostLastFrame)
  }

  @Test("unreferenced pictures with frame numbers of their own are not left out")
  func renumbered() throws {
    let plain = try TestClips.make(
      "numbered.h264",
      Self.pattern + [
        "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "1", "-refs", "2", "-x264-params",
        "b-pyramid=none:keyint=250:scenecut=0:weightp=0:b-adapt=0",
      ])
    let path = try TestClips.write(Renumbering.renumbered(try contents(of: plain)), to: "renumbered.h264")
    let reference = try ReferenceDecode(path)
    for count in [1, 3, 16] {
      let video = try SampledVideo(path, count: count)
      #expect(video.samples.count == count)
      #expect(
        video.samples.allSatisfy { reference.nearest(to: $0.frame.seconds)?.digest == $0.digest }, "\(count) samples")
    }
  }
}

@Suite("Leading pictures, and orders that containers do not tell")
struct PictureOrderTests {
  private static let pattern = ["-f", "lavfi", "-i", "testsrc2=s=192x144:r=25:d=4"]

  /// Compares all frames, and some, with a full decode, in whose order they have to be.
  private static func expectAll(_ path: String) throws {
    let expected = try ReferenceDecode(path).frames.map(\.digest)
    let all = try SampledVideo(path, count: 1000)
    #expect(all.samples.map(\.digest) == expected)
    for count in [3, 16] {
      let some = try SampledVideo(path, count: count)
      #expect(some.samples.count == count)
      let chosen = some.samples.compactMap { sample in all.samples.first { $0.frame == sample.frame } }
      #expect(chosen.map(\.digest) == some.samples.map(\.digest))
    }
  }

  @Test("leading pictures of the first group of MPEG-2 are shown if the group is closed", arguments: [true, false])
  func closedGroup(isClosed: Bool) throws {
    let whole = try contents(
      of: TestClips.make("groups.m2v", Self.pattern + ["-c:v", "mpeg2video", "-bf", "2", "-g", "12"]))
    func starts(_ code: UInt8) -> [Int] {
      whole.indices.dropLast(8).filter { whole[$0...].starts(with: [0, 0, 1, code]) }
    }
    var bytes = whole
    let headers = starts(0xB8)
    #expect(headers.count > 4)
    if isClosed { for place in headers { bytes[place + 7] |= 0x40 } }
    // From the second group on, which begins with an I picture and the two B pictures that are shown before it.
    let cut = try TestClips.write(Array(bytes[starts(0xB3)[1]...]), to: "group-\(isClosed).m2v")
    try Self.expectAll(cut)
    let first = try SampledVideo(cut, count: 1000).samples.first
    #expect(first?.frame.isKeyFrame == !isClosed)
  }

  @Test("streams that were copied from raw ones, timed in the order of decoding", arguments: ["264", "265"])
  func copied(suffix: String) throws {
    let coding =
      suffix == "264"
      ? ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-x264-params", "bframes=3:keyint=25"]
      : ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=25:bframes=4"]
    _ = try TestClips.make("untimed.\(suffix)", Self.pattern + coding)
    try Self.expectAll(
      TestClips.make("timed-\(suffix).mp4", ["-r", "25", "-i", "CLIP/untimed.\(suffix)", "-c", "copy"]))
  }

  @Test("a raw stream that FFmpeg's own test refuses is read, at the rate of frames")
  func rawStream() throws {
    let plain = try bytes(of: "no-times.264")
    // A unit of a reserved type behind each parameter set and slice.
    var bytes: [UInt8] = []
    for place in plain.indices {
      if plain[place...].starts(with: [0, 0, 1]) { bytes += [0, 0, 1, 0x10, 0x80, 0] }
      bytes.append(plain[place])
    }
    let path = try TestClips.write(bytes, to: "reserved.264")
    let refused = try ExternalProgram.run(["ffprobe", "-v", "error", "file:" + TestClips.write(bytes, to: "reserved")])
    #expect(refused.code != 0)
    let video = try SampledVideo(path, count: 1000)
    #expect(video.samples.map(\.digest) == (try ReferenceDecode(Clip.named("b-pyramid.mp4")).frames.map(\.digest)))
    #expect(abs(video.report.reachedSeconds - 4) < 0.001)
    #expect(try withDescriptor(path) { ContentProbe.isVideo(descriptor: $0) })
  }
}

@Suite("Truncation is claimed on evidence of the file itself")
struct TruncationTests {
  private static func pattern(_ seconds: Double) -> [String] {
    ["-f", "lavfi", "-i", "testsrc2=s=192x144:r=25:d=\(seconds)"]
  }

  @Test("sound that is longer than the picture", arguments: ["wmv", "ts", "mkv", "flv", "avi"])
  func longerSound(container: String) throws {
    let codec =
      switch container {
      case "wmv": ["-c:v", "wmv2", "-c:a", "wmav2"]
      case "flv": ["-c:v", "flv", "-c:a", "mp3", "-ar", "44100"]
      default: ["-c:v", "mpeg2video", "-c:a", "mp2"]
      }
    let path = try TestClips.make(
      "longer-sound.\(container)",
      ["-f", "lavfi", "-i", "sine=d=12"] + Self.pattern(2) + ["-map", "0", "-map", "1"] + codec)
    let video = try SampledVideo(path, count: 8)
    #expect(video.report.truncation == nil)
    #expect(video.report.overstatedSeconds == nil)
    #expect(abs(video.report.reachedSeconds - 2) < 0.1)
    #expect(video.samples.count == 8)
  }

  @Test("a movie whose duration is given as unknown")
  func unknownDuration() throws {
    let path = try TestClips.make(
      "fragmented.mp4",
      Self.pattern(4) + ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov"])
    var bytes = try contents(of: path)
    for (box, offset) in [("mvhd", 16), ("mdhd", 16), ("tkhd", 20)] {
      let name = Array(box.utf8)
      for place in bytes.indices.dropLast(40) where bytes[place...].starts(with: name) {
        bytes.replaceSubrange(place + 4 + offset..<place + 8 + offset, with: [0xFF, 0xFF, 0xFF, 0xFF])
      }
    }
    let report = try SampledVideo(try TestClips.write(bytes, to: "unknown-duration.mp4"), count: 8).report
    #expect(report.truncation == nil)
    #expect(report.declaredSeconds == nil)
    #expect(report.overstatedSeconds == nil)
  }

  @Test("gaps and a first decoding time of its own stay as they are")
  func clocks() throws {
    let gap = try TestClips.make(
      "gap.ogv",
      Self.pattern(26) + ["-vf", "select='lt(t,2)+gte(t,24)'", "-fps_mode", "vfr", "-c:v", "libtheora"])
    let video = try SampledVideo(gap, count: 1000)
    #expect(video.info.frameCount == 100)
    #expect(abs(video.report.reachedSeconds - 26) < 0.1)
    #expect(video.report.truncation == nil)
    let late = try TestClips.make(
      "first-dts-zero.ts",
      Self.pattern(4) + [
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0", "-bsf:v",
        #"setts=pts=PTS+54000000:dts=if(eq(N\,0)\,0\,DTS+54000000)"#,
      ])
    let frames = try SampledVideo(late, count: 16)
    #expect(frames.samples.count == 16)
    #expect(frames.info.frameCount == 100)
    #expect(abs(frames.report.reachedSeconds - 4) < 0.1)
    #expect(frames.report.truncation == nil)
  }

  @Test("a transport stream that begins within a packet ends whole")
  func beginsWithinPacket() throws {
    let whole = try bytes(of: "wrapping.ts")
    let path = try TestClips.write(Array(whole.dropFirst(100)), to: "begins-within.ts")
    #expect(try SampledVideo(path, count: 4).report.truncation == nil)
    let cut = try TestClips.write(Array(whole.dropLast(100)), to: "ends-within.ts")
    #expect(try SampledVideo(cut, count: 4).report.truncation == .cut)
  }
}

/// Gives every picture of an H.264 stream a frame number of its own, also those that nothing refers to.
private enum Renumbering {
  static func renumbered(_ stream: [UInt8]) -> [UInt8] {
    var number = 0
    var result: [UInt8] = []
    for unit in units(stream) {
      let type = unit[0] & 0x1F
      var unit = unit
      if type == 1 || type == 5 {
        var bits = unescaped(unit.dropFirst()).flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        var position = 0
        for _ in 0..<3 { position += exponentialLength(bits[position...]) }
        number = type == 5 ? 0 : number + 1
        // x264 numbers in four bits with these settings.
        for bit in 0..<4 { bits[position + bit] = UInt8((number % 16) >> (3 - bit) & 1) }
        let packed = stride(from: 0, to: bits.count, by: 8).map { bits[$0..<$0 + 8].reduce(0) { $0 << 1 | $1 } }
        unit = [unit[0]] + escaped(packed)
      }
      result += [0, 0, 0, 1] + unit
    }
    return result
  }

  private static func units(_ bytes: [UInt8]) -> [[UInt8]] {
    var starts: [Int] = []
    for place in 0..<bytes.count - 3 where bytes[place] == 0 && bytes[place + 1] == 0 && bytes[place + 2] == 1 {
      starts.append(place + 3)
    }
    return zip(starts, starts.dropFirst().map { $0 - 3 } + [bytes.count]).map { start, end in
      var unit = Array(bytes[start..<end])
      while unit.count > 1, unit.last == 0 { unit.removeLast() }
      return unit
    }
  }

  private static func exponentialLength(_ bits: ArraySlice<UInt8>) -> Int {
    2 * bits.prefix { $0 == 0 }.count + 1
  }

  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var (result, zeros): ([UInt8], Int) = ([], 0)
    for byte in bytes {
      if zeros >= 2, byte == 3 {
        zeros = 0
        continue
      }
      result.append(byte)
      zeros = byte == 0 ? zeros + 1 : 0
    }
    return result
  }

  private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    var (result, zeros): ([UInt8], Int) = ([], 0)
    for byte in bytes {
      if zeros >= 2, byte <= 3 {
        result.append(3)
        zeros = 0
      }
      result.append(byte)
      zeros = byte == 0 ? zeros + 1 : 0
    }
    return result
  }
}
