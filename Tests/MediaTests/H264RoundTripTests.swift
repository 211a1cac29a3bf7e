import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("Pictures through H.264 and back")
struct H264RoundTripTests {
  private func pattern() throws -> Frame {
    let clip = StillClip(name: "round-trip.mkv", filter: "format=gbrp", conversion: "in_range=auto")
    return try clip.reference(192, 144)
  }

  @Test("coarser quantisers lose more, fine ones little")
  func losses() throws {
    let picture = try pattern()
    let losses = try [10, 25, 40].map { quantiser in
      var coder = try H264RoundTrip(width: 192, height: 144, quantiser: quantiser)
      return try #require(try coder.apply(to: picture).difference(from: picture)).mean
    }
    #expect(losses[0] < losses[1] && losses[1] < losses[2])
    // Colour at half resolution alone costs some on a pattern of sharp colours.
    #expect(losses[0] < 6 && losses[2] < 30)
  }

  @Test("a picture comes back the same whatever was coded before it")
  func independent() throws {
    let picture = try pattern()
    let other = picture.resized(width: 96, height: 72).resized(width: 192, height: 144)
    var coder = try H264RoundTrip(width: 192, height: 144, quantiser: 30)
    let first = try coder.apply(to: picture)
    for _ in 0..<3 { _ = try coder.apply(to: other) }
    #expect(try coder.apply(to: picture) == first)
    var fresh = try H264RoundTrip(width: 192, height: 144, quantiser: 30)
    #expect(try fresh.apply(to: picture) == first)
  }

  @Test("a picture with odd sides comes back with them, and little changed")
  func oddSides() throws {
    let picture = try pattern().cut(width: 191, height: 143)
    var coder = try H264RoundTrip(width: 191, height: 143, quantiser: 10)
    let back = try coder.apply(to: picture)
    #expect(back.width == 191 && back.height == 143)
    #expect(try #require(back.difference(from: picture)).mean < 6)
  }

  @Test("the same as the ffmpeg program's round trip")
  func reference() throws {
    let source = try TestClips.make(
      "round-trip.png",
      ["-f", "lavfi", "-i", "testsrc2=s=192x144", "-frames:v", "1", "-vf", "format=gbrp", "-pix_fmt", "rgb24"])
    let coded = try TestClips.make(
      "round-trip.264",
      [
        "-i", source, "-vf", "scale=flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=yuv420p", "-c:v",
        "libx264",
        "-preset", "veryfast", "-tune", "zerolatency", "-qp", "30", "-g", "1",
      ])
    let expected = try StillClip.converted(
      coded, 192, 144, "scale=flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24")
    let picture = try withDescriptor(source) { try decodePicture(descriptor: $0) }
    var coder = try H264RoundTrip(width: 192, height: 144, quantiser: 30)
    #expect(try #require(try coder.apply(to: picture).difference(from: expected)).mean < 1)
  }
}
