import FoundationEssentials
import Imaging
import TestSupport
import Testing

@testable import Media

@Suite("Writing a film anew")
struct TranscodingTests {
  private let folder = ScratchFolder()

  /// Rewrites a clip, with `patch` in every second frame.
  private func rewrite(
    _ path: String, crf: Int = 12, patch: ((borrowing DecodedPicture) throws -> PicturePatch)? = nil
  ) throws -> (path: String, report: TranscodeReport) {
    let out = folder.path("out.mp4")
    var bytes: [UInt8] = []
    let report = try withDescriptor(path) { descriptor in
      let reader = try VideoReader(descriptor: descriptor)
      var patches: [Int: PicturePatch] = [:]
      if let patch {
        var isWanted = true
        _ = try reader.forEachFrame { picture, _, packet in
          if isWanted { patches[packet] = try patch(picture) }
          isWanted.toggle()
        }
      }
      return try reader.rewrite(
        TranscodeSettings(crf: crf, comment: "TEST MATERIAL"), patches: { patches[$0].map { [$0] } ?? [] },
        output: { chunk, position in
          let end = Int(position) + chunk.count
          if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
          bytes.replaceSubrange(Int(position)..<end, with: chunk)
        })
    }
    try Data(bytes).write(to: URL(filePath: out))
    return (out, report)
  }

  private func frames(_ path: String) throws -> [(seconds: Double, picture: Frame)] {
    var frames: [(Double, Frame)] = []
    try withDescriptor(path) { descriptor in
      _ = try VideoReader(descriptor: descriptor).forEachFrame { picture, frame, _ in
        frames.append((frame.seconds, try picture.pixels(of: picture.bounds)))
      }
    }
    return frames
  }

  private func packets(_ path: String, of stream: String) throws -> String {
    try ExternalProgram.run([
      "ffmpeg", "-v", "error", "-i", path, "-map", stream, "-c", "copy", "-f", "md5", "-",
    ]).output
  }

  @Test(
    "keeps all frames, their times and nearly their pictures",
    arguments: [
      "b-pyramid.mp4", "edit-list.mp4", "no-times.avi", "slides.mkv", "ten-bit.mkv", "full-colour.mp4",
      "vp9-hidden.webm", "mjpeg.avi", "wrapping.ts",
    ])
  func keepsFrames(_ name: String) throws {
    let source = try Clip.named(name)
    let (path, report) = try rewrite(source)
    let (old, new) = (try frames(source), try frames(path))
    #expect(old.count == new.count && report.frames == old.count && report.patchedFrames == 0)
    for (before, after) in zip(old, new) {
      #expect(abs(before.seconds - after.seconds) < 1e-3)
      #expect(try #require(after.picture.difference(from: before.picture)).mean < 6)
    }
    // Ten bits and full colour lose a little on the way to the encoder, the others nothing.
    #expect(try #require(report.coded.psnr) > 36)
    if name != "ten-bit.mkv" && name != "full-colour.mp4" && name != "mjpeg.avi" { #expect(report.patched.psnr == nil) }
  }

  @Test("copies sound packet for packet, takes metadata over, says what it is and what it left out")
  func copies() throws {
    let source = try TestClips.make(
      "with-sound.mkv",
      [
        "-f", "lavfi", "-i", "testsrc2=s=96x80:r=25:d=2", "-f", "lavfi", "-i", "sine=440:d=2", "-c:v", "libx264",
        "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-metadata", "title=A film", "-metadata",
        "comment=mine", "-attach", "/etc/hostname", "-metadata:s:t", "mimetype=text/plain",
      ])
    let (path, report) = try rewrite(source)
    #expect(report.copiedStreams == 1)
    #expect(report.leftOut.count == 1 && report.leftOut[0].hasPrefix("attachment"))
    #expect(try packets(source, of: "0:a") == packets(path, of: "0:a"))
    let tags = try ExternalProgram.run([
      "ffprobe", "-v", "error", "-show_entries", "format_tags", "-of", "default=nw=1", path,
    ]).output
    #expect(tags.contains("TAG:title=A film") && tags.contains("TAG:comment=TEST MATERIAL | mine"), "\(tags)")
  }

  @Test("a patch comes out where it was put, also of a video that lies on its side", arguments: [false, true])
  func patches(lying: Bool) throws {
    let upright = try TestClips.make(
      "grey.mp4",
      [
        "-f", "lavfi", "-i", "color=gray:s=96x64:r=10:d=1", "-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv420p",
      ])
    let turned = try TestClips.make(
      "grey-lying.mp4", ["-i", upright, "-c", "copy", "-metadata:s:v", "rotate=90"])
    let source = lying ? turned : upright
    let (x, y, width, height) = (21, 14, 17, 9)
    let colour: [UInt8] = [170, 140, 130]
    let (path, report) = try rewrite(source, crf: 1) { picture in
      let pixels = (0..<width * height).flatMap { _ in colour }
      return PicturePatch(x: x, y: y, pixels: Frame(width: width, height: height, pixels: pixels))
    }
    let (old, new) = (try frames(source), try frames(path))
    #expect(report.patchedFrames == 5 && report.frames == 10)
    #expect((report.patched.psnr ?? 99) < 45)
    #expect(new[0].picture.width == (lying ? 64 : 96))
    for (index, frame) in new.enumerated() {
      let isPatched = index.isMultiple(of: 2)
      // Well inside, where colours at half resolution are the patch's own.
      let inside = frame.picture.pixels(of: Box(x: Double(x + 4), y: Double(y + 3), width: 8, height: 3)).pixels
      let wanted = isPatched ? colour : Array(old[index].picture.pixels[0..<3])
      #expect(inside.indices.allSatisfy { abs(Int(inside[$0]) - Int(wanted[$0 % 3])) <= 4 }, "frame \(index)")
      let corner = frame.picture.pixels(of: Box(x: 0, y: 0, width: 12, height: 8)).pixels
      #expect(zip(corner, old[index].picture.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
    }
  }

  @Test(
    "refuses what a patch cannot be put into",
    arguments: [
      ("wide-pixels.mp4", ["-vf", "setsar=16/11"], "writing a video whose pixels are not square"),
      ("flagged-fields.mp4", ["-vf", "setfield=tff", "-x264-params", "tff=1"], "writing an interlaced video"),
      (
        "turned-by-sei.mp4", ["-bsf:v", "h264_metadata=display_orientation=insert:rotate=90"],
        "writing a video that the coded stream turns, not its container"
      ),
    ])
  func unsupported(_ name: String, _ options: [String], _ what: String) throws {
    let clip = try TestClips.make(
      name, ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p"] + options)
    #expect(throws: MediaError.unsupported(what: what)) { try rewrite(clip) }
  }

  @Test("refuses patches outside of the picture")
  func outside() throws {
    let source = try Clip.named("b-pyramid.mp4")
    #expect(throws: MediaError.damaged(what: "a patch does not lie in the picture")) {
      try rewrite(source) { picture in
        PicturePatch(
          x: picture.width - 2, y: 0, pixels: Frame(width: 4, height: 4, pixels: [UInt8](repeating: 0, count: 48)))
      }
    }
  }
}
