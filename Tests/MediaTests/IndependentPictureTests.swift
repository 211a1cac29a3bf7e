import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("What pictures take from those before them")
struct IndependentPictureTests {
  private static let pattern = ["-f", "lavfi", "-i", "testsrc2=s=192x144:r=25:d=4"]

  /// MJPEG whose tables of some kinds are those of the first picture: the others' are hidden in other segments.
  private static func firstTablesOnly(_ markers: Set<UInt8>) throws -> String {
    let path = try TestClips.make(
      "tables.avi", pattern + ["-c:v", "mjpeg", "-q:v", "5", "-huffman", "default", "-pix_fmt", "yuvj420p"])
    var bytes = try contents(of: path)
    let starts = bytes.indices.dropLast(3).filter { bytes[$0...].starts(with: [0xFF, 0xD8, 0xFF]) }
    #expect(starts.count == 100)
    for start in starts.dropFirst() {
      var place = start + 2
      while bytes[place] == 0xFF, bytes[place + 1] != 0xDA {
        let next = place + 2 + Int(bytes[place + 2]) << 8 + Int(bytes[place + 3])
        if markers.contains(bytes[place + 1]) { bytes[place + 1] = 0xE5 }
        place = next
      }
    }
    return try TestClips.write(bytes, to: "first-tables-\(markers.sorted()).avi")
  }

  @Test(
    "MJPEG with quantisation or Huffman tables in the first picture alone is decoded from there",
    arguments: [[], [0xDB], [0xC4], [0xC4, 0xDB]] as [Set<UInt8>])
  func tables(markers: Set<UInt8>) throws {
    let path = try Self.firstTablesOnly(markers)
    let reference = try ReferenceDecode(path)
    #expect(reference.frames.count == 100)
    for count in [1, 3, 16] {
      let video = try SampledVideo(path, count: count)
      #expect(video.samples.count == count)
      #expect(video.samples.allSatisfy { reference.nearest(to: $0.frame.seconds)?.digest == $0.digest })
      // Only pictures with all tables are decoded alone.
      #expect(markers.isEmpty ? video.report.packets == count : video.report.packets > 2 * count)
    }
  }

  /// Two streams behind each other, without the parameter sets that repeat those before.
  private static func joined(isHEVC: Bool) throws -> [UInt8] {
    let (suffix, changes) = isHEVC ? ("265", "no-deblock=1:no-sao=1") : ("264", "cabac=0:no-deblock=1")
    var joined: [UInt8] = []
    for (number, change) in ["", ":" + changes].enumerated() {
      let options = "keyint=10:min-keyint=10:scenecut=0\(change)"
      let coding =
        isHEVC
        ? ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:open-gop=0:" + options]
        : ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-x264-params", options]
      let bytes = try contents(of: TestClips.make("sets-\(number).\(suffix)", pattern + coding))
      var starts: [(place: Int, isSet: Bool)] = []
      bytes.withUnsafeBufferPointer { buffer in
        var units = NALUnits(buffer, lengthBytes: 0)
        while let unit = units.next() {
          let isSet = isHEVC ? (32...34).contains(unit.header >> 1 & 0x3F) : (7...8).contains(unit.header & 0x1F)
          starts.append((unit.start - 3, isSet))
        }
      }
      let first = starts.firstIndex { !$0.isSet } ?? 0
      #expect(starts.count(where: \.isSet) > 2 * first && first > 0)
      for (index, start) in starts.enumerated() where !start.isSet || index < first {
        let end = index + 1 < starts.count ? starts[index + 1].place : bytes.count
        joined += [0] + bytes[start.place..<end]
      }
    }
    return joined
  }

  @Test("parameter sets that change are followed where later key frames do not repeat them", arguments: [true, false])
  func parameterSets(isHEVC: Bool) throws {
    let path = try TestClips.write(Self.joined(isHEVC: isHEVC), to: "joined-sets.\(isHEVC ? "265" : "264")")
    let reference = try ReferenceDecode(path)
    #expect(reference.frames.count == 200)
    for count in [1, 3, 16] {
      let video = try SampledVideo(path, count: count)
      #expect(video.samples.count == count)
      #expect(video.report.decodeErrors == 0)
      #expect(
        video.samples.allSatisfy { reference.nearest(to: $0.frame.seconds)?.digest == $0.digest }, "\(count) samples")
    }
  }

  @Test("frames have the palette that the first packet brought")
  func palette() throws {
    let path = try TestClips.make("palette.avi", Self.pattern + ["-c:v", "rawvideo", "-pix_fmt", "pal8"])
    try withDescriptor(path) { descriptor in
      let report = try VideoReader(descriptor: descriptor).sample(2) { picture, frame in
        let number = Int((frame.seconds * 25).rounded())
        let expected = try StillClip.converted(path, 192, 144, "select=eq(n\\,\(number))")
        let found = try picture.pixels(of: picture.bounds)
        let difference = zip(found.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(difference <= 2, "frame \(number)")
      }
      #expect(report.decoded == 2)
    }
  }

  @Test("frames with transparent parts are counted, opaque ones with a channel for it are not")
  func transparency() throws {
    func count(_ name: String, _ filter: String, _ coding: [String]) throws -> Int {
      let report = try SampledVideo(
        TestClips.make(name, Self.pattern + ["-frames:v", "6", "-vf", filter] + coding), count: 3
      ).report
      #expect(report.decoded == 3)
      return report.transparent
    }
    let (half, opaque) = ("format=rgba,colorchannelmixer=aa=0.5", "format=rgba")
    let webm = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuva420p"]
    for (name, coding) in [
      ("png", ["-c:v", "png"]), ("argb", ["-c:v", "qtrle", "-pix_fmt", "argb"]),
      ("prores", ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"]),
    ] {
      #expect(try count("half-\(name).mov", half, coding) == 3, "\(name)")
      #expect(try count("opaque-\(name).mov", opaque, coding) == 0, "\(name)")
    }
    #expect(try count("half.webm", half, webm) == 3)
    #expect(try count("opaque.webm", "null", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]) == 0)
  }
}
