import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("Interlaced frames and high dynamic ranges become progressive SDR")
struct FieldAndRangeTests {
  private static let moving = [
    "-f", "lavfi", "-i", "testsrc2=s=384x288:r=50:d=0.4,crop=192:144:80+n*4:60,format=yuv420p",
  ]

  /// Clips of woven frames, whose first field is that of the progressive clip's even frames.
  private static let interlaced: [(name: String, options: [String])] = [
    (
      "tff.mp4",
      ["-vf", "tinterlace=4,setfield=tff", "-c:v", "libx264", "-qp", "1", "-x264-params", "tff=1"]
    ),
    (
      "bff.mp4",
      ["-vf", "tinterlace=5,setfield=bff", "-c:v", "libx264", "-qp", "1", "-x264-params", "bff=1"]
    ),
    (
      "field.m2v",
      [
        "-vf", "tinterlace=4,setfield=tff", "-c:v", "mpeg2video", "-q:v", "1", "-flags",
        "+ilme+ildct",
      ]
    ),
    // Coded as progressive: the container alone tells.
    ("told.mkv", ["-vf", "tinterlace=4,setfield=tff", "-c:v", "libx264", "-qp", "1"]),
  ]

  @Test("the combs of a moving pattern are gone", arguments: interlaced.map(\.name))
  func deinterlacing(_ name: String) throws {
    let options = try #require(Self.interlaced.first { $0.name == name }).options
    let path = try TestClips.make(name, Self.moving + ["-pix_fmt", "yuv420p"] + options)
    let progressive = try TestClips.make(
      "halved.mp4",
      Self.moving + [
        "-vf", "select=not(mod(n\\,2)),setpts=N/25/TB", "-r", "25", "-c:v", "libx264", "-qp", "1",
      ])
    var expected: [Frame] = []
    _ = try withDescriptor(progressive) { descriptor in
      try VideoReader(descriptor: descriptor).forEachFrame { picture, _, _ in
        expected.append(try picture.pixels(of: picture.bounds))
      }
    }
    var differences: [Double] = []
    let report = try withDescriptor(path) { descriptor in
      try VideoReader(descriptor: descriptor).forEachFrame { picture, _, _ in
        let frame = try picture.pixels(of: picture.bounds)
        differences.append(try #require(frame.difference(from: expected[differences.count])).mean)
        #expect(picture.firstField == (name == "bff.mp4" ? .bottomField : .topField))
        let half = try picture.thumbnail(of: picture.bounds, width: 96, height: 72)
        let small = expected[differences.count - 1].resized(width: 96, height: 72)
        #expect(try #require(half.difference(from: small)).mean < 10)
      }
    }
    #expect(report.interlaced == report.decoded)
    #expect(differences.count == 10)
    #expect(differences.reduce(0, +) / 10 < 6, "\(differences)")
  }

  @Test("progressive frames of SDR are left alone")
  func progressive() throws {
    let report = try SampledVideo(try Clip.named("one-group.mp4"), count: 4).report
    #expect(report.interlaced == 0)
    #expect(report.dynamicRange == nil)
  }

  /// Levels below the knee of BT.2390, so that no tone mapping but the conversion of light and gamut is seen.
  @Test("PQ and HLG are what zimg makes of them", arguments: [DynamicRange.pq, .hlg])
  func range(_ range: DynamicRange) throws {
    let transfer = range == .pq ? "smpte2084" : "arib-std-b67"
    // zimg applies the OOTF of HLG to each component, BT.2100 to the luminance: of greys that is the same.
    let source = range == .pq ? "format=gbrp" : "format=gray,format=gbrp"
    let conversion =
      "zscale=tin=bt709:pin=bt709:rin=full:t=\(transfer):p=2020:m=2020_ncl:r=limited:npl=60"
    let path = try TestClips.make(
      "\(range).mkv",
      [
        "-f", "lavfi", "-i", "testsrc2=s=192x144", "-frames:v", "1", "-vf",
        "\(source),\(conversion),format=yuv444p12le", "-c:v", "ffv1", "-color_trc", transfer,
        "-color_primaries",
        "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv",
      ])
    let reference = try StillClip.converted(
      path, 192, 144,
      "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,zscale=t=bt709:m=gbr:r=full,format=gbrp"
    )
    let report = try withDescriptor(path) { descriptor in
      try VideoReader(descriptor: descriptor).sample(1) { picture, _ in
        let whole = try picture.pixels(of: picture.bounds)
        let difference = try #require(whole.difference(from: reference))
        #expect(difference.mean < 1, "\(difference)")
        #expect(difference.largest <= 6, "\(difference)")
        let region = Box(x: 33, y: 21, width: 50, height: 41)
        #expect(try picture.pixels(of: region) == whole.pixels(of: region))
        let thumbnail = try picture.thumbnail(of: picture.bounds, width: 48, height: 36)
        #expect(
          try #require(thumbnail.difference(from: whole.resized(width: 48, height: 36))).mean < 4)
      }
    }
    #expect(report.dynamicRange == range)
  }
}
