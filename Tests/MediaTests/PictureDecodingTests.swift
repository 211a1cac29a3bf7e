import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("Pictures of labelled folders")
struct PictureDecodingTests {
  private func picture(_ path: String, limits: DecodeLimits = DecodeLimits()) throws -> Frame {
    try withDescriptor(path) { try decodePicture(descriptor: $0, limits: limits) }
  }

  @Test("lossless ones exactly", arguments: ["picture.png", "picture.bmp"])
  func lossless(name: String) throws {
    let path = try TestClips.make(
      name, ["-f", "lavfi", "-i", "testsrc=s=131x77", "-frames:v", "1", "-pix_fmt", pixels(name)])
    #expect(try picture(path) == StillClip.converted(path, 131, 77, "format=rgb24"))
  }

  private func pixels(_ name: String) -> String { name.hasSuffix("png") ? "rgb24" : "bgr24" }

  @Test("JPEG in full range BT.601", arguments: ["yuvj420p", "yuvj444p"])
  func jpeg(format: String) throws {
    let path = try TestClips.make(
      "\(format).jpg", ["-f", "lavfi", "-i", "testsrc=s=160x96", "-frames:v", "1", "-pix_fmt", format, "-q:v", "2"])
    let filter =
      "scale=in_color_matrix=bt601:in_range=pc:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24"
    let difference = try #require(picture(path).difference(from: StillClip.converted(path, 160, 96, filter)))
    #expect(difference.largest <= 2)
  }

  @Test("what is encoded as PNG comes back as it was", arguments: [(1, 1), (131, 77)])
  func encoding(width: Int, height: Int) throws {
    let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let frame = Frame(width: width, height: height, pixels: pixels)
    let path = try TestClips.write(try encodePNG(frame), to: "encoded-\(width).png")
    #expect(try picture(path) == frame)
    #expect(try StillClip.converted(path, width, height, "format=rgb24") == frame)
  }

  @Test("what is none is refused")
  func refusals() throws {
    let text = try TestClips.write(Array("GIF89a is another kind".utf8), to: "text.png")
    let png = try contents(of: TestClips.make("whole.png", ["-f", "lavfi", "-i", "testsrc", "-frames:v", "1"]))
    let cut = try TestClips.write(Array(png.prefix(60)), to: "cut.png")
    let path = try TestClips.write(png, to: "copy.png")
    var limits = DecodeLimits()
    limits.maxPixels = 1000
    for (path, limits, reason) in [
      (text, DecodeLimits(), MediaError.Reason.notVideo), (cut, DecodeLimits(), .unreadable), (path, limits, .limit),
    ] {
      let error = #expect(throws: MediaError.self) { _ = try picture(path, limits: limits) }
      #expect(error?.reason == reason, "\(error?.description ?? "no error")")
    }
  }
}
