import Glibc
import TestSupport
import Testing

@testable import Media

@Suite("Files that are no video, or not one to be decoded")
struct RefusalTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var reason: MediaError.Reason
    /// Makes the file and tells its path.
    var make: @Sendable () throws -> String

    var testDescription: String { name }
  }

  private static let sound = ["-f", "lavfi", "-i", "sine=d=1"]

  private static let cases: [Case] = [
    Case(name: "empty", reason: .notVideo) { try TestClips.write([], to: "empty.mp4") },
    Case(name: "text", reason: .notVideo) {
      try TestClips.write(Array(String(repeating: "These are words.\n", count: 100).utf8), to: "text.mp4")
    },
    Case(name: "picture", reason: .notVideo) {
      try TestClips.make("png.mp4", ["-f", "lavfi", "-i", "testsrc", "-frames:v", "1", "-c:v", "png", "-f", "image2"])
    },
    Case(name: "sound alone", reason: .notVideo) { try TestClips.make("sound.mp4", sound) },
    Case(name: "sound file", reason: .notVideo) { try TestClips.make("sound.wav", sound) },
    Case(name: "cover art alone", reason: .notVideo) {
      _ = try TestClips.make("cover.jpg", ["-f", "lavfi", "-i", "testsrc", "-frames:v", "1"])
      return try TestClips.make(
        "cover.m4a",
        sound + [
          "-i", "CLIP/cover.jpg", "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic",
        ])
    },
    Case(name: "HLS playlist", reason: .refused) {
      try TestClips.write(
        Array("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nb-pyramid.mp4\n#EXT-X-ENDLIST\n".utf8), to: "list.mp4")
    },
    Case(name: "concatenation", reason: .refused) {
      try TestClips.write(Array("ffconcat version 1.0\nfile b-pyramid.mp4\n".utf8), to: "concat.mp4")
    },
    Case(name: "encrypted", reason: .encrypted) {
      _ = try Clip.named("one-group.mp4")
      return try TestClips.make(
        "encrypted.mp4",
        [
          "-i", "CLIP/one-group.mp4", "-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key",
          "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8",
        ])
    },
    Case(name: "encrypted, with boxes that FFmpeg refuses", reason: .encrypted) {
      _ = try Clip.named("one-group.mp4")
      let path = try TestClips.make(
        "refused.mp4",
        [
          "-i", "CLIP/one-group.mp4", "-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key",
          "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8",
        ])
      var bytes = try contents(of: path)
      let name = Array("senc".utf8)
      guard let place = bytes.indices.dropLast(12).last(where: { bytes[$0...].starts(with: name) }) else { return path }
      // More samples than the file has.
      bytes.replaceSubrange(place + 8..<place + 12, with: [0x00, 0xFF, 0xFF, 0xFF])
      return try TestClips.write(bytes, to: "refused-boxes.mp4")
    },
    Case(name: "index cut off", reason: .truncated) {
      try TestClips.write(Array(try bytes(of: "one-group.mp4").dropLast(8000)), to: "cut-index.mp4")
    },
    Case(name: "index missing, all else whole", reason: .unreadable) {
      try TestClips.write(Array(try bytes(of: "one-group.mp4").prefix(32 + 8)), to: "no-index.mp4")
    },
    Case(name: "data missing", reason: .truncated) {
      let path = try Clip.named("one-group.mp4")
      let front = try TestClips.make("front.mp4", ["-i", path, "-c", "copy", "-movflags", "faststart"])
      return try TestClips.write(Array(try contents(of: front).prefix(2900)), to: "no-data.mp4")
    },
  ]

  @Test("each with its reason, and words for it", arguments: cases)
  func refusal(_ refused: Case) throws {
    let path = try refused.make()
    let error = #expect(throws: MediaError.self) { _ = try SampledVideo(path, count: 4) }
    #expect(error?.reason == refused.reason, "\(error?.description ?? "no error")")
    #expect(error?.description.isEmpty == false)
  }

  @Test("a file that only says that it is encrypted is read", arguments: ["tagged.mkv", "tagged.wmv", "tagged.webm"])
  func falseClaim(name: String) throws {
    let pattern = ["-f", "lavfi", "-i", "testsrc2=s=192x144:r=25:d=1"]
    let coding =
      switch name {
      case "tagged.mkv": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-metadata:s:v", "enc_key_id=a"]
      case "tagged.wmv": ["-c:v", "wmv2", "-metadata", "encryption=1"]
      default: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-metadata:s:v", "enc_key_id=a"]
      }
    let path = try TestClips.make(name, pattern + coding)
    // VP9 makes pictures of any bits, so that its word is taken.
    guard name != "tagged.webm" else {
      #expect(throws: MediaError.encrypted) { try SampledVideo(path, count: 4) }
      return
    }
    let report = try SampledVideo(path, count: 4).report
    #expect(report.claimsEncryption)
    #expect(report.decoded == 4)
  }

  @Test("limits on pixels, streams, packets and time")
  func limits() throws {
    let path = try Clip.named("one-group.mp4")
    let changes: [(inout DecodeLimits) -> Void] = [
      { $0.maxPixels = 192 * 144 - 1 }, { $0.maxStreams = 0 }, { $0.maxPackets = 99 },
      { $0.maxSeconds = 3.9 },
    ]
    for change in changes {
      var limits = DecodeLimits()
      change(&limits)
      let error = #expect(throws: MediaError.self) { _ = try SampledVideo(path, count: 4, limits: limits) }
      #expect(error?.reason == .limit)
    }
  }

  @Test("the first default stream is the video, else the first of all; others are listed")
  func severalStreams() throws {
    let inputs = [
      "-f", "lavfi", "-i", "testsrc=s=64x48:d=1", "-f", "lavfi", "-i", "testsrc=s=128x96:d=1", "-map", "0", "-map", "1",
      "-c:v", "libx264",
    ]
    let marked = try TestClips.make("marked.mkv", inputs + ["-disposition:v:0", "default", "-disposition:v:1", "0"])
    #expect(try SampledVideo(marked, count: 1).info.codedWidth == 64)
    let unmarked = try TestClips.make("unmarked.mkv", inputs + ["-disposition:v", "0"])
    #expect(try SampledVideo(unmarked, count: 1).info.codedWidth == 64)
    let both = try TestClips.make("both-marked.mp4", inputs + ["-disposition:v", "default"])
    #expect(try SampledVideo(both, count: 1).info.codedWidth == 64)
    let second = try TestClips.make(
      "second.mkv", inputs + ["-disposition:v:0", "0", "-disposition:v:1", "default"])
    #expect(try SampledVideo(second, count: 1).info.codedWidth == 128)
    try withDescriptor(second) { descriptor in
      #expect(try VideoTrack.all(in: descriptor).map(\.stream) == [1, 0])
      let reader = try VideoReader(descriptor: descriptor, track: 0)
      #expect(reader.info.codedWidth == 64)
      let report = try reader.sample(3) { picture, _ in #expect(picture.width == 64) }
      #expect(report.decoded == 3)
    }
  }

  @Test("of a motion photo the video is read, not the still; cover art is no track")
  func motionPhoto() throws {
    let motion = try TestClips.make(
      "motion.mp4",
      [
        "-f", "lavfi", "-i", "testsrc=s=640x480:d=0.04", "-f", "lavfi", "-i",
        "testsrc=s=128x96:d=1", "-map", "0",
        "-map", "1", "-c:v", "libx264", "-disposition:v", "default",
      ])
    try withDescriptor(motion) { descriptor in
      let reader = try VideoReader(descriptor: descriptor)
      #expect(reader.info.codedWidth == 128)
      #expect(reader.info.frameCount == 25)
      #expect(reader.track.stream == 1)
      #expect(reader.tracks.count == 2)
    }
    _ = try TestClips.make("cover.jpg", ["-f", "lavfi", "-i", "testsrc", "-frames:v", "1"])
    _ = try Clip.named("one-group.mp4")
    let covered = try TestClips.make(
      "covered.mp4",
      [
        "-i", "CLIP/cover.jpg", "-i", "CLIP/one-group.mp4", "-map", "0", "-map", "1", "-c", "copy",
        "-disposition:v:0",
        "attached_pic",
      ])
    let codecs = try withDescriptor(covered) { try VideoTrack.all(in: $0).map(\.codec) }
    #expect(codecs == ["h264"])
  }

  @Test("the descriptor stays open and its offset does not matter")
  func descriptor() throws {
    let path = try Clip.named("one-group.mp4")
    try withDescriptor(path) { descriptor in
      for _ in 0..<2 {
        lseek(descriptor, 1000, SEEK_SET)
        let report = try VideoReader(descriptor: descriptor).sample(2) { _, _ in }
        #expect(report.decoded == 2)
      }
    }
  }
}
