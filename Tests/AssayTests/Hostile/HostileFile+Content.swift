import Foundation
import TestSupport
import Testing
import Verdicts

extension HostileFile {
  /// What is no video, whatever it is called.
  static let noVideos: [HostileFile] = [
    HostileFile("zero.mp4", .failed([.notVideo])) { _ in Bytes([]) },
    HostileFile("one-byte.mkv", .failed([.notVideo])) { _ in Bytes([0x1A]) },
    HostileFile("text.mp4", .failed([.notVideo])) { _ in String(repeating: "These are words.\n", count: 500) },
    HostileFile("page.webm", .failed([.notVideo])) { _ in "<!DOCTYPE html><html><video src='x.mp4'></html>" },
    HostileFile("program.avi", .failed([.notVideo, .unsupported])) { _ in try Bytes(contentsOf: "/bin/true") },
    HostileFile("zeros.ts", .failed([.notVideo])) { _ in Bytes([UInt8](repeating: 0, count: 100_000)) },
    HostileFile("noise.mov", .failed([.notVideo, .unreadable, .unsupported])) { _ in
      Bytes([UInt8](repeating: 0, count: 60_000)).random(in: 0..<60_000)
    },
    HostileFile("jpeg.mp4", .failed([.notVideo])) { workshop in
      try workshop.clip("picture.jpg", pattern + ["-frames:v", "1"])
    },
    HostileFile("png.mkv", .failed([.notVideo])) { workshop in
      try workshop.clip("picture.png", pattern + ["-frames:v", "1"])
    },
    HostileFile("sound.mp4", .failed([.notVideo])) { workshop in try workshop.clip("sound.mp4", sound) },
    HostileFile("sound.avi", .failed([.notVideo])) { workshop in try workshop.clip("sound.wav", sound) },
    HostileFile("cover.m4v", .failed([.notVideo])) { workshop in
      try workshop.clip(
        "cover.mp4",
        sound + pattern + [
          "-map", "0", "-map", "1", "-c:v", "mjpeg", "-frames:v", "1", "-disposition:v", "attached_pic",
        ])
    },
  ]

  /// MP4 files whose index lies, is gone, or leads nowhere.
  static let liars: [HostileFile] = [
    HostileFile("no-moov.mp4", .failed([.unreadable, .truncated])) { workshop in
      let movie = try workshop.movie(indexInFront: false)
      return Bytes(Array(movie.data.prefix(try movie.place(of: "moov") - 4)))
    },
    HostileFile("cut-moov.mp4", .failed([.truncated])) { workshop in
      Bytes(Array(try workshop.movie(indexInFront: false).data.dropLast(300)))
    },
    HostileFile("no-data.mp4", .failed([.truncated])) { workshop in
      let movie = try workshop.movie(indexInFront: true)
      return Bytes(Array(movie.data.prefix(try movie.content(of: "mdat").lowerBound)))
    },
    HostileFile("random-samples.mp4", .damaged) { workshop in
      let movie = try workshop.movie(indexInFront: true)
      return movie.random(in: try movie.content(of: "mdat"))
    },
    HostileFile("encrypted.mp4", .failed([.encrypted])) { workshop in
      try workshop.clip(
        "encrypted.mp4",
        x264 + [
          "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb",
          "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8",
        ])
    },
    HostileFile("header-65535.mp4", .failed([.limit])) { workshop in
      var movie = try workshop.movie(indexInFront: true)
      // Width and height stand 24 bytes behind the name of a sample entry (ISO/IEC 14496-12, 12.1.3.2).
      try movie.put(UInt32(0xFFFF_FFFF), behind: "avc1", offset: 28, after: "stsd")
      return movie
    },
    HostileFile("pictures-16383.avi", .failed([.limit, .truncated])) { workshop in
      var movie = try workshop.clip("pictures.avi", pattern + ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"])
      // The container tells the true size; every picture (SOF0: length, precision, height, width) says 16383.
      var place = 0
      while let next = (place..<movie.count - 9).first(where: { movie.data[$0] == 0xFF && movie.data[$0 + 1] == 0xC0 })
      {
        movie.data.replaceSubrange(next + 5..<next + 9, with: [0x3F, 0xFF, 0x3F, 0xFF])
        place = next + 9
      }
      return movie
    },
    HostileFile("pictures-16383.webm", .failed([.limit, .truncated])) { workshop in
      var movie = try workshop.clip("pictures.webm", pattern + ["-c:v", "libvpx", "-cpu-used", "8", "-g", "1"])
      // A key frame's start code, then 14 bits each of width and height (RFC 6386, 9.1).
      var place = 0
      while let next = (place..<movie.count - 7).first(where: { Array(movie.data[$0..<$0 + 3]) == [0x9D, 0x01, 0x2A] })
      {
        movie.data.replaceSubrange(next + 3..<next + 7, with: [0xFF, 0x3F, 0xFF, 0x3F])
        place = next + 7
      }
      return movie
    },
    HostileFile("ribbon.mkv", .clean) { workshop in
      try workshop.clip(
        "ribbon.mkv", ["-f", "lavfi", "-i", "testsrc2=s=16000x2:d=0.2", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
    },
    HostileFile("lying-duration.mp4", .warned([.duration])) { workshop in
      var movie = try workshop.movie(indexInFront: true)
      // mvhd and mdhd: version and flags, two times, timescale, duration.
      for header in ["mvhd", "mdhd"] { try movie.put(UInt32(2_000_000_000), behind: header, offset: 20) }
      return movie
    },
    HostileFile("lying-duration.mkv", .warned([.truncated, .duration])) { workshop in
      var movie = try workshop.clip("lying.mkv", x264)
      // Duration: identifier, length of 8, a number in milliseconds.
      let place = try #require(movie.data.indices.first { movie.data[$0...].starts(with: [0x44, 0x89, 0x88]) })
      movie.data.replaceSubrange(
        place + 3..<place + 11, with: withUnsafeBytes(of: (3.6e9).bitPattern.bigEndian, Array.init))
      return movie
    },
    // A tick of 2^31 seconds: fifty frames last three thousand years.
    HostileFile("eternal.avi", .failed([.limit])) { workshop in
      var movie = try workshop.clip("eternal.avi", pattern + ["-c:v", "mpeg4"])
      let scale = try movie.place(of: "strh") + 4 + 24
      movie.data.replaceSubrange(scale..<scale + 8, with: [0xFF, 0xFF, 0xFF, 0x7F, 1, 0, 0, 0])
      return movie
    },
    HostileFile("stsz-2-to-31.mp4", .failed([.unreadable, .limit, .truncated])) { workshop in
      var movie = try workshop.movie(indexInFront: true)
      try movie.put(UInt32(1 << 31), behind: "stsz", offset: 12)
      return movie
    },
    HostileFile("equal-samples.mp4", .damaged) { workshop in
      var movie = try workshop.movie(indexInFront: true)
      // All samples of one size, and 2^31 of them: no table is needed to claim this.
      try movie.put(UInt32(1), behind: "stsz", offset: 8)
      try movie.put(UInt32(1 << 31 - 1), behind: "stsz", offset: 12)
      return movie
    },
    HostileFile("stts-2-to-32.mp4", .clean) { workshop in
      var movie = try workshop.movie(indexInFront: true)
      try movie.put(UInt32.max, behind: "stts", offset: 12)
      return movie
    },
    HostileFile("deep.mp4", .failed([.unreadable, .notVideo, .truncated])) { _ in
      var data: [UInt8] = []
      let levels = 20_000
      for level in 0..<levels {
        let size = UInt32((levels - level) * 8)
        data += withUnsafeBytes(of: size.bigEndian) { Array($0) } + Array((level % 2 == 0 ? "moov" : "trak").utf8)
      }
      return Bytes(Array(Bytes(Array("isom\0\0\0\0".utf8)).boxed("ftyp").data) + data)
    },
    HostileFile("deep.mkv", .failed([.unreadable, .notVideo, .truncated])) { workshop in
      // Tags within tags: SimpleTag may hold itself.
      let header = try workshop.clip("head.mkv", x264).data.prefix(40)
      return Bytes(header + [UInt8]((0..<20_000).flatMap { _ in [0x67, 0xC8, 0x01, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF] }))
    },
    HostileFile("external-samples.mov", .failed([.truncated, .unreadable, .unsupported])) { workshop in
      // The data reference says: not in this file but in the one of that name.
      var movie = try workshop.clip("external.mov", pattern + ["-c:v", "mpeg4"])
      let reference = try movie.place(of: "dref")
      movie.data[reference + 15 + 8] = 0
      return Bytes(Array(movie.data.prefix(try movie.place(of: "dref") + 24)))
    },
    HostileFile("reference-movie.mov", .failed([.unreadable, .notVideo, .refused])) { workshop in
      // A movie that is only the address of another: itself, and the secret.
      let addresses = [workshop.secret, "reference-movie.mov", "http://127.0.0.1:\(workshop.port)/a.mov"]
      let entries = addresses.flatMap { address in
        let text = Array(address.utf8) + [0]
        let length = withUnsafeBytes(of: UInt32(text.count).bigEndian) { Array($0) }
        return Bytes(Bytes([0, 0, 0, 0] + Array("url ".utf8) + length + text).boxed("rdrf").data).boxed("rmda").data
      }
      return Bytes(Bytes(entries).boxed("rmra").boxed("moov").data)
    },
  ]
}

private let pattern = HostileWorkshop.pattern
private let sound = HostileWorkshop.sound
private let x264 = HostileWorkshop.x264
