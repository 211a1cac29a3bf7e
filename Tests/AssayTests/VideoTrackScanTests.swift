import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan of files with several video tracks, high dynamic range and fields", .heavy)
struct VideoTrackScanTests {
  private let output = ScratchFolder()

  /// Makes a file with the `ffmpeg` program in the folder of clips.
  private func make(_ name: String, _ arguments: [String]) throws {
    let result = try ExternalProgram.run(
      ["ffmpeg", "-v", "error", "-y"] + arguments + [output.path("films/\(name)")])
    try #require(result.code == 0, "\(result.output)")
  }

  private func scan(_ options: String...) throws -> [String: VideoRecord] {
    let result = try AssayProgram.run(
      ["scan", output.path("films"), "-o", output.path("out"), "--frames", "4", "-q"] + options)
    #expect(result.code == 0, "\(result.output)")
    return Dictionary(
      uniqueKeysWithValues: try AssayProgram.manifest(in: output.path("out")).videos.map {
        (String($0.source.path.text.split(separator: "/").last ?? ""), $0)
      })
  }

  private let grey = ["-f", "lavfi", "-i", "color=gray:s=1920x1440:r=25:d=3"]
  private let firstIsDefault = ["-disposition:v:0", "default", "-disposition:v:1", "0"]
  private let lossless = [
    "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p",
  ]

  @Test("every track is scanned, the most suspicious one decides, and verify and report follow it")
  func tracks() throws {
    let films = try output.draw("swapped.mp4", into: "films")
    let face = "\(films)/swapped.mp4"
    try make(
      "face-first.mp4",
      ["-i", face] + grey + ["-map", "0:v", "-map", "1:v"] + lossless + [
        "-disposition:v", "default",
      ])
    try make(
      "face-second.mkv", grey + ["-i", face, "-map", "0:v", "-map", "1:v"] + firstIsDefault + lossless)
    try make(
      "still-first.mp4",
      [
        "-f", "lavfi", "-i", "color=gray:s=1920x1440:r=25:d=0.04", "-i", face, "-map", "0:v",
        "-map", "1:v",
      ] + lossless + ["-disposition:v", "default"])
    let rows = try scan("--recompress", "--borderline", "1")
    let alone = try #require(rows["swapped.mp4"])
    let score = try #require(alone.finding.score)
    #expect(alone.videoTracks == nil)
    for (name, stream, count) in [
      ("face-first.mp4", 0, 2), ("face-second.mkv", 1, 2), ("still-first.mp4", 1, 2),
    ] {
      let row = try #require(rows[name])
      #expect(abs(try #require(row.finding.score, "\(name)") - score) < 0.05)
      #expect(row.finding.verdict == alone.finding.verdict)
      #expect(row.content.frames == alone.content.frames)
      let tracks = try #require(row.videoTracks)
      #expect(tracks.count == count)
      #expect(tracks.filter(\.isDeciding).map(\.stream) == [stream])
      #expect(row.decidingStream == stream)
      #expect(row.recompression?.variants.count == 4)
      let other = try #require(tracks.first { !$0.isDeciding })
      #expect(other.verdict == (name.hasPrefix("still") ? nil : .noFace))
    }
    #expect(rows["face-first.mp4"]?.videoTracks?.map(\.stream) == [0, 1])
    #expect(rows["face-first.mp4"]?.warnings.contains { $0.code == .videoTrack } == false)
    #expect(
      rows["face-second.mkv"]?.warnings.contains {
        $0.message.contains("players show video stream 0")
      } == true)
    #expect(
      rows["still-first.mp4"]?.warnings.contains { $0.message.contains("still picture") } == true)
    let verified = try AssayProgram.run("verify", output.path("out"))
    #expect(verified.code == 0, "\(verified.output)")
    // The other track as the one that the row is about.
    let forged = try output.text("out/manifest.json")
      .replacing("\"isDeciding\":true", with: "\"isDeciding\":null")
      .replacing("\"isDeciding\":false", with: "\"isDeciding\":true")
      .replacing("\"isDeciding\":null", with: "\"isDeciding\":false")
    try output.write(forged, to: "forged.json")
    let refuted = try AssayProgram.run("verify", output.path("forged.json"))
    #expect(refuted.code != 0 && refuted.output.contains("own deciding track"), "\(refuted.output)")
    let report = try AssayProgram.run(
      "report", output.path("out"), "-o", output.path("report.html"))
    #expect(report.code == 0, "\(report.output)")
    #expect(try output.text("report.html").contains("stream 1 (h264, 1920×1440)"))
  }

  @Test(
    "a track that cannot be read is named; where players would show it, nothing is said of the file"
  )
  func unreadableTrack() throws {
    let films = try output.draw("calm.mp4", into: "films")
    let face = "\(films)/calm.mp4"
    // A codec tag that nobody knows.
    for (name, inputs) in [
      ("bad-second.mp4", ["-i", face] + grey), ("bad-first.mp4", grey + ["-i", face]),
    ] {
      try make(
        name,
        inputs + ["-map", "0:v", "-map", "1:v"] + firstIsDefault + lossless + ["-c:v:1", "libx265", "-tag:v:1", "hvc1"])
      let path = output.path("films/\(name)")
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      let tag = Array((name == "bad-second.mp4" ? "hvc1" : "avc1").utf8)
      // The last one is the sample entry.
      let place = try #require(bytes.indices.dropLast(4).last { bytes[$0...].starts(with: tag) })
      bytes.replaceSubrange(place..<place + 4, with: Array("zzzz".utf8))
      try Data(bytes).write(to: URL(filePath: path))
    }
    let result = try AssayProgram.run(
      "scan", films, "-o", output.path("out"), "--frames", "4", "-q")
    #expect(result.code == 3, "\(result.output)")
    let rows = try AssayProgram.manifest(in: output.path("out")).videos
    let first = try #require(rows.first { $0.source.path.text.hasSuffix("bad-first.mp4") })
    #expect(first.finding.reason == .unsupported)
    #expect(first.videoTracks?.map(\.verdict) == [.failed, .real])
    let second = try #require(rows.first { $0.source.path.text.hasSuffix("bad-second.mp4") })
    #expect(second.finding.verdict == .real)
    #expect(second.videoTracks?.map(\.verdict) == [.real, .failed])
    #expect(
      second.warnings.contains { $0.code == .videoTrack && $0.message.contains("video stream 1") })
  }

  @Test(
    "high dynamic range and fields are named, and the face is scored as in SDR and progressive frames"
  )
  func picture() throws {
    let films = try output.draw("calm.mp4", into: "films")
    let face = "\(films)/calm.mp4"
    for (name, transfer) in [("pq.mkv", "smpte2084"), ("hlg.mkv", "arib-std-b67")] {
      try make(
        name,
        [
          "-i", face, "-an", "-frames:v", "30", "-vf",
          "zscale=tin=bt709:min=170m:pin=bt709:rin=limited:t=\(transfer):p=2020:m=2020_ncl:r=limited:npl=203,"
            + "format=yuv420p10le",
          "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:crf=8",
          "-color_trc", transfer,
          "-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv",
        ])
    }
    try make(
      "fields.mkv",
      ["-i", face, "-an", "-vf", "tinterlace=4,setfield=tff"] + lossless + [
        "-x264-params", "tff=1",
      ])
    let rows = try scan()
    let plain = try #require(rows["calm.mp4"])
    #expect(plain.dynamicRange == nil && plain.deinterlacedFrames == nil)
    let score = try #require(plain.finding.score)
    #expect(rows["pq.mkv"]?.dynamicRange == .pq)
    #expect(rows["hlg.mkv"]?.dynamicRange == .hlg)
    #expect(rows["fields.mkv"]?.deinterlacedFrames == 4)
    // Of PQ without a declared peak, highlights above 95 cd/m² are compressed.
    for (name, tolerance) in [("pq.mkv", 0.15), ("hlg.mkv", 0.1), ("fields.mkv", 0.1)] {
      #expect(abs(try #require(rows[name]?.finding.score) - score) < tolerance, "\(name)")
      #expect(rows[name]?.finding.verdict == plain.finding.verdict)
    }
  }
}
