import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("Pictures and films of our own")
struct MP4ClipWriterTests {
  /// A picture with colours that change slowly, as faces do.
  private func picture(_ width: Int, _ height: Int, shift: Int = 0) -> Frame {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width { pixels += [UInt8((x + shift) * 2 % 200), UInt8(y * 200 / height), 90] }
    }
    return Frame(width: width, height: height, pixels: pixels)
  }

  @Test("a JPEG is near the picture, and the same for the same picture", arguments: [(16, 16), (131, 77)])
  func jpeg(width: Int, height: Int) throws {
    let frame = picture(width, height)
    let bytes = try encodeJPEG(frame)
    #expect(try encodeJPEG(frame) == bytes)
    #expect(try encodeJPEG(frame, quantiser: 20).count < bytes.count)
    let path = try TestClips.write(bytes, to: "own-\(width).jpg")
    let decoded = try withDescriptor(path) { try decodePicture(descriptor: $0) }
    #expect(try #require(decoded.difference(from: frame)).mean < 6)
  }

  @Test("a film is H.264 in MP4, its pictures shown at their times, and the same for the same pictures")
  func film() throws {
    func made() throws -> [UInt8] {
      var writer = try MP4ClipWriter(width: 160, height: 120, crf: 18, framesPerSecond: 25, comment: "drawn")
      for index in 0..<12 {
        try writer.append(picture(160, 120, shift: 3 * index), milliseconds: index * 40 + index % 2)
      }
      return try writer.finish()
    }
    let bytes = try made()
    let again = try made()
    let difference = zip(again, bytes).enumerated().first { $1.0 != $1.1 }?.offset
    #expect(again.count == bytes.count && difference == nil, "\(again.count), \(bytes.count), \(difference ?? -1)")
    let path = try TestClips.write(bytes, to: "own.mp4")
    try withDescriptor(path) { descriptor in
      let reader = try VideoReader(descriptor: descriptor)
      #expect(reader.info.codec == "h264" && reader.info.frameCount == 12)
      var times: [Int] = []
      _ = try reader.forEachFrame { shown, frame, _ in
        let index = times.count
        times.append(Int((frame.seconds * 1000).rounded()))
        let difference = try shown.pixels(of: shown.bounds).difference(from: picture(160, 120, shift: 3 * index))
        #expect(try #require(difference).mean < 8)
      }
      #expect(times == (0..<12).map { $0 * 40 + $0 % 2 })
      var some: [Double] = []
      let wanted = Set((2...4).map { reader.frame(at: reader.survey.index.shownFrames()[$0]).pts })
      _ = try reader.forEachFrame(where: { wanted.contains($0) }) { _, frame, _ in some.append(frame.seconds) }
      #expect(some.count == 3)
    }
    let probe = try ExternalProgram.run([
      "ffprobe", "-v", "error", "-show_entries", "stream=pix_fmt:format_tags=comment", path,
    ])
    #expect(probe.output.contains("yuv420p") && probe.output.contains("drawn"))
  }
}
