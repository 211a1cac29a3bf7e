import FoundationEssentials
import Testing

@testable import Verdicts

@Suite("Video record")
struct VideoRecordTests {
  @Test("rows come back from their lines unchanged")
  func roundTrip() throws {
    for record in try Examples.all() {
      let line = try ManifestJSON.line(record)
      #expect(try ManifestJSON.record(line: line, file: "here") == record)
      #expect(line.last == UInt8(ascii: "\n"))
      #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    }
  }

  @Test("a row without a verdict has a null score")
  func nullScore() throws {
    for record in [Examples.failed("x"), Examples.noFace("y")] {
      let text = String(decoding: try ManifestJSON.line(record), as: UTF8.self)
      #expect(text.contains(#""score":null"#))
    }
    let failed = String(decoding: try ManifestJSON.line(Examples.failed("x")), as: UTF8.self)
    for key in ["sizeBytes", "mtime", "sha256", "durationSeconds", "timeBase", "perturbation", "cleanScore"] {
      #expect(failed.contains("\"\(key)\":null"))
    }
    #expect(failed.contains(#""reason":"truncated""#))
  }

  @Test("a line is as expected to the byte")
  func golden() throws {
    let text = String(decoding: try ManifestJSON.line(Examples.noFace("b/wall.mp4")), as: UTF8.self)
    let expected = #"""
      {"cleanScore":null,"decoder":{"name":"ffmpeg","versions":{"libavcodec":"59.37.100"}},\#
      "detector":"standard-0123456789ab","durationSeconds":2,"frames":{"asked":16,"decoded":16,"lowQuality":0,"withFaces":0},\#
      "margin":null,"message":null,"model":{"name":"paper-cnn","sha256":"\#(Examples.sha256)"},\#
      "mtime":"2023-11-14T22:13:20.123456789Z","path":"b/wall.mp4","perturbation":null,"perturbedScore":null,\#
      "reason":null,"schemaVersion":1,"score":null,"segments":[],\#
      "settings":{"hash":"\#(Examples.sha256)","values":{"decode":"exact","frames":"16"}},\#
      "sha256":"\#(Examples.sha256)","sizeBytes":123456,"thresholds":{"fake":0.7,"real":0.4},"timeBase":null,\#
      "tracks":[],"verdict":"no_face",\#
      "warnings":[{"code":"decode_errors","count":3,"message":"3 frames are damaged"}]}

      """#
    #expect(text == expected)
  }

  @Test(
    "names survive exactly",
    arguments: [
      Array("plain.mp4".utf8), Array("new\nline \"quoted\" back\\slash".utf8), Array("=1+1,'".utf8),
      [0x1B, 0x5B, 0x33, 0x6D], [0xFF, 0xFE], [0x61, 0xC3], Array("e\u{301}/é".utf8), Array("\u{202E}gpj.exe".utf8),
    ])
  func names(_ bytes: [UInt8]) throws {
    let record = Examples.failed(VideoPath(bytes))
    let line = try ManifestJSON.line(record)
    #expect(try ManifestJSON.record(line: line, file: "here").source.path.bytes == bytes)
    #expect(String(validating: line, as: UTF8.self) != nil)
  }

  @Test("fractions have at most 6 decimals")
  func rounding() throws {
    let record = try Examples.judged("a", [Examples.track(1, [1.0 / 3, 2.0 / 3])])
    #expect(record.content.durationSeconds == 10)
    #expect(record.finding.tracks.first?.boxes.first?.logit == 0.333_333)
    #expect(record.finding.score == 0.622_459)
    #expect((-0.000_000_1).manifestRounded.sign == .plus)
    #expect(1e300.manifestRounded == 1e300)
  }

  @Test("rows of another schema version are refused with both versions")
  func otherSchema() throws {
    var text = String(decoding: try ManifestJSON.line(Examples.noFace("a")), as: UTF8.self)
    text.replace("\"schemaVersion\":1", with: "\"schemaVersion\":2")
    let error = #expect(throws: VerdictsError.self) {
      try ManifestJSON.record(line: Array(text.utf8), file: "old.jsonl")
    }
    let description = try #require(error).description
    #expect(description.contains("schema version 2; this version reads 1"))
    #expect(description.contains("old.jsonl"))
  }

  @Test("a number that JSON cannot represent is an error that names the video")
  func notANumber() throws {
    let content = VideoContent(durationSeconds: .nan, frames: FrameCounts(asked: 1))
    let record = VideoRecord(
      source: Examples.source("a.mp4"), content: content, finding: .noFace, context: Examples.context)
    let error = #expect(throws: VerdictsError.self) { try ManifestJSON.line(record) }
    #expect(try #require(error).description.contains("a.mp4"))
  }

  @Test("the settings' canonical bytes depend on the settings only")
  func canonicalSettings() {
    let first = SettingsRecord.canonicalBytes(of: ["b": "2", "a": "1", "é": "x"])
    #expect(first == SettingsRecord.canonicalBytes(of: ["é": "x", "a": "1", "b": "2"]))
    #expect(first != SettingsRecord.canonicalBytes(of: ["b": "21", "a": "", "é": "x"]))
    #expect(Array(first.prefix(4)) == Array("a\u{0}1\u{0}".utf8))
  }
}
