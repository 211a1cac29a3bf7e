import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("What rows say of damaged, joined and cut recordings is true", .heavy)
struct MediaMessageTests {
  private let work = ScratchFolder()

  private static func pattern(_ seconds: Double, _ size: String = "192x144") -> [String] {
    ["-f", "lavfi", "-i", "testsrc2=s=\(size):r=25:d=\(seconds)"]
  }

  private static let x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"]

  /// Makes a file with the `ffmpeg` program, outside of the folder that is scanned.
  private func make(_ name: String, _ arguments: [String]) throws -> Data {
    let result = try ExternalProgram.run(["ffmpeg", "-v", "error", "-y"] + arguments + [work.path(name)])
    try #require(result.code == 0, "\(result.output)")
    return try Data(contentsOf: URL(filePath: work.path(name)))
  }

  private func put(_ data: some DataProtocol, as name: String) throws {
    try FileManager.default.createDirectory(atPath: work.path("films"), withIntermediateDirectories: true)
    try Data(data).write(to: URL(filePath: work.path("films/\(name)")))
  }

  @Test("durations that were declared and found, and packets and frames that are missing")
  func messages() throws {
    let front = try make("front.mp4", Self.pattern(4) + Self.x264 + ["-movflags", "faststart"])
    try put(front.prefix(front.count * 6 / 10), as: "cut.mp4")
    try put(front, as: "whole.mp4")
    var claiming = front
    // Duration of the movie, of 4000 ticks a second and four: now a minute.
    let header = try #require(claiming.firstRange(of: Data("mvhd".utf8)))
    claiming.replaceSubrange(header.lowerBound + 20..<header.lowerBound + 24, with: [0, 0, 0xEA, 0x60])
    try put(claiming, as: "claiming.mp4")
    let first = try make("first.ts", Self.pattern(3) + Self.x264)
    let second = try make("second.ts", Self.pattern(3, "320x240") + Self.x264)
    try put(first + second, as: "joined.ts")
    let flash = try make("a.flv", Self.pattern(3) + ["-c:v", "flv"])
    try put(flash + flash.dropFirst(13), as: "joined.flv")
    // From the middle of a group on.
    let long = try make(
      "long.ts",
      Self.pattern(6) + ["-c:v", "mpeg2video", "-g", "75", "-bf", "0", "-sc_threshold", "1000000000", "-q:v", "2"])
    try put(long.dropFirst(188 * (long.count / 188 / 6)), as: "begins-within.ts")
    var jpeg = try make("jpeg.avi", Self.pattern(1) + ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"])
    let frame = try #require(jpeg.ranges(of: Data("00dc".utf8)).dropFirst(9).first)
    jpeg.replaceSubrange(frame.upperBound + 4..<frame.upperBound + 900, with: Data(count: 896))
    try put(jpeg, as: "missing.avi")
    try put(try make("part.mp4", ["-ss", "1.5", "-i", work.path("front.mp4"), "-c", "copy"]), as: "part.mp4")

    let result = try AssayProgram.run("scan", work.path("films"), "-o", work.path("out"), "--frames", "100", "-q")
    #expect(result.code == 0, "\(result.output)")
    let manifest = try AssayProgram.manifest(in: work.path("out"))
    func warnings(_ name: String) -> [WarningRecord.Code: WarningRecord] {
      Dictionary(uniqueKeysWithValues: (manifest.video(name)?.warnings ?? []).map { ($0.code, $0) })
    }
    func seconds(_ name: String) throws -> Double { try #require(manifest.video(name)?.content.durationSeconds) }
    func text(_ seconds: Double) -> String { String(format: "%.1f", seconds) }

    #expect(manifest.video("whole.mp4")?.warnings == [])
    #expect(
      warnings("cut.mp4")[.truncated]?.message == "the data ends after \(text(try seconds("cut.mp4"))) of 4.0 s")
    #expect(try (1..<3.4).contains(seconds("cut.mp4")))
    #expect(warnings("claiming.mp4")[.duration]?.message == "the file claims to last 60.0 s and lasts 4.0 s")
    // Nothing is missing where recordings are joined.
    #expect(try seconds("joined.ts") == 6)
    #expect(Set(warnings("joined.ts").keys) == [.decodeErrors])
    #expect(
      warnings("joined.ts")[.decodeErrors]?.message
        == "the container's data is damaged: packets are incomplete, out of sequence or unreadable")
    #expect(manifest.video("joined.ts")?.content.frames.decoded == 100)
    #expect(warnings("joined.flv")[.duration]?.message == "the video is declared to last 3.0 s and lasts 6.0 s")
    #expect(warnings("joined.flv")[.truncated] == nil)
    let late = try #require(warnings("begins-within.ts")[.duration]?.message)
    let words = late.split(separator: " ")
    #expect(late.hasSuffix("s cannot be decoded: they precede the first key frame"))
    let missing = try #require(words.count > 4 ? Double(words[2]) : nil)
    #expect((1.5..<3).contains(missing))
    #expect(try abs(missing + seconds("begins-within.ts") - (Double(words[4]) ?? 0)) < 0.11)
    #expect(warnings("begins-within.ts")[.truncated] == nil)
    #expect(
      warnings("missing.avi")[.fewFrames]?.message == "1 of the 25 chosen frames did not come out of the decoder")
    #expect(manifest.video("missing.avi")?.content.frames.decoded == 24)
    #expect(
      warnings("part.mp4")[.other]?.message
        == "the file's edit list hides 13 frames, which were not scanned: some players show them")
  }
}
