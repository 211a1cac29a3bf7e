import Digests
import Foundation
import Imaging
import Testing
import Verdicts

@testable import Reports

@Suite("The page of a scan")
struct ScanReportTests {
  private static let context = ScanContext(
    model: ModelRecord(name: "m<b>", sha256: "ab12"), thresholds: Thresholds(real: 0.4, fake: 0.7), detector: "hog",
    decoder: DecoderRecord(name: "ffmpeg", versions: ["libavcodec": "59"]),
    settings: SettingsRecord(values: ["frames": "16"], hash: "cd34"))

  private func record(_ path: VideoPath, _ finding: Finding) -> VideoRecord {
    VideoRecord(
      source: VideoSource(path: path, sizeBytes: 5, sha256: "00ff"),
      content: VideoContent(frames: FrameCounts(asked: 16)),
      finding: finding, warnings: [WarningRecord(.other, "<i>careful</i>", count: 2)], context: Self.context)
  }

  private func judged(_ path: VideoPath, _ logit: Double) throws -> VideoRecord {
    let faces = (0..<5).map {
      FaceObservation(
        pts: Int64($0), timeMs: $0 * 100, box: Box(x: 1, y: 2, width: 30, height: 40), confidence: 1,
        logit: logit + Double($0) / 10)
    }
    let judgement = try Judge(thresholds: Self.context.thresholds).judge([FaceTrack(id: 3, observations: faces)])
    return record(path, .judged(try #require(judgement)))
  }

  private func page(_ videos: [VideoRecord], _ evidence: [Int: VideoEvidence] = [:]) throws -> String {
    var counts = RunSummary()
    for video in videos { counts.add(video.finding) }
    let time = Timestamp(nanosecondsSinceEpoch: 1_700_000_000_000_000_000)
    let manifest = Manifest(
      run: RunHeader(
        assayVersion: "1", startedAt: time, finishedAt: time, host: "h", isComplete: true, counts: counts,
        distribution: nil, context: Self.context), videos: videos)
    let files = manifest.videos.map { $0.source.path.percentEncoded == nil ? $0.source.path.text : nil }
    var report = ScanReport(manifest, manifestSHA256: "ee99", files: files)
    report.evidence = evidence
    report.heatMaps = [("Map", "shows <nothing>")]
    report.notes = ["2 are left out & gone"]
    var bytes: [UInt8] = []
    try report.write { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What stands in an element with an id.
  private func json(_ id: String, in html: String) throws -> [String: Any] {
    let after = try #require(html.components(separatedBy: "id=\"\(id)\">").dropFirst().first)
    let text = try #require(after.components(separatedBy: "</script>").first)
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private static let hostile: VideoPath =
    "x</script><script>alert(1)</script><!--/\"'&\u{7}\u{2028}\u{202E}{{summary}}{{{rows}}}.mp4"

  @Test("names and messages are escaped and preserved")
  func hostileNames() throws {
    let html = try page([
      try judged(Self.hostile, 3),
      record(
        "b.mp4", .failed(.crashed, message: "</script><b>"),
      ), record(VideoPath([0x2F, 0xFF, 0x3C]), .noFace),
    ])
    #expect(html.components(separatedBy: "<script").count == 3)
    #expect(!html.contains("alert(1)</script>") && !html.contains("<!--/") && !html.contains("<i>careful"))
    #expect(html.contains("m&lt;b&gt;") && html.contains("shows &lt;nothing&gt;") && html.contains("out &amp; gone"))
    let videos = try #require(try json("data", in: html)["videos"] as? [[String: Any]])
    #expect(videos.count == 3)
    let texts = videos.compactMap { $0["path"] as? String }
    #expect(Set(texts) == [Self.hostile.text, "b.mp4", "/%FF%3C"])
    // A name that is no text cannot stand in a table of labels.
    #expect(videos.count { $0["file"] == nil } == 1)
    #expect(videos.contains { $0["message"] as? String == "</script><b>" })
  }

  @Test("the policy allows the page's own script and style by their hashes, and pictures in the page; nothing else")
  func policy() throws {
    let html = try page([])
    let policy = try #require(
      html.components(separatedBy: "Content-Security-Policy\" content=\"").last?.components(separatedBy: "\"").first)
    #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
    func hash(_ open: String, _ close: String) throws -> String {
      let text = try #require(html.components(separatedBy: open).last?.components(separatedBy: close).first)
      return "'sha256-\(Data(SHA256.digest(of: text.utf8)).base64EncodedString())'"
    }
    #expect(policy.contains("script-src \(try hash("<script>", "</script>"));"))
    #expect(policy.contains("style-src \(try hash("<style>", "</style>"));"))
    #expect(!html.contains("http://") || !html.contains("src=\"http"))
  }

  @Test("counts, reasons, settings and hashes are in the page itself")
  func contents() throws {
    let html = try page([
      try judged("a.mp4", 3), try judged("b.mp4", -3), record("c.mp4", .failed(.truncated, message: "ends")),
    ])
    #expect(html.contains("<b>1</b> fake") && html.contains("<b>0</b> undecided") && html.contains("<b>1</b> failed"))
    #expect(html.contains("it ends before enough frames were decoded"))
    for text in [
      "ab12", "cd34", "ee99", "found below 0.4, undecided from there on, fake from 0.7 on", "Setting frames",
      "2023-11-14 22:13",
    ] {
      #expect(html.contains(text), "\(text)")
    }
  }

  @Test("second opinion and perturbed-input flag are among a video's facts, as text")
  func opinions() throws {
    var (asked, silent) = (try judged("a.mp4", 3), try judged("b.mp4", 2))
    asked.secondOpinion = SecondOpinionRecord(model: ModelRecord(name: "</script><i>", sha256: "77aa"), score: 0.25)
    asked.setPerturbedInput(PerturbedInputRecord(disagreement: 0.5, threshold: 0.25, falseAlarmRate: 0.05))
    silent.secondOpinion = SecondOpinionRecord(model: ModelRecord(name: "other", sha256: "88bb"), score: nil)
    silent.setPerturbedInput(PerturbedInputRecord(disagreement: 0.125, threshold: 0.25, falseAlarmRate: 0.05))
    let html = try page([asked, silent, try judged("c.mp4", 1)])
    #expect(!html.contains("</script><i>"))
    let videos = try #require(try json("data", in: html)["videos"] as? [[String: Any]])
    func fact(_ name: String, of place: Int) -> String? {
      (videos[place]["facts"] as? [[String: Any]])?.first { $0["name"] as? String == name }?["text"] as? String
    }
    #expect(fact("Second opinion", of: 0)?.hasPrefix("score 0.250 by the model </script><i> (SHA-256 77aa)") == true)
    #expect(fact("Second opinion", of: 1)?.hasPrefix("no score by the model other") == true)
    #expect(
      fact("Perturbed input", of: 0)
        == "flagged: scores differ by 0.5 under small changes, flagged above 0.25, as 0.05 of unperturbed footage is")
    #expect(fact("Perturbed input", of: 1)?.hasPrefix("not flagged: scores differ by 0.125") == true)
    #expect(fact("Second opinion", of: 2) == nil && fact("Perturbed input", of: 2) == nil)
  }

  @Test("pictures follow the script, one block per video with pictures")
  func pictures() throws {
    var evidence = VideoEvidence()
    evidence.strips = [.init(track: 3, places: [0, 4], side: 64, jpeg: [1, 2, 3])]
    evidence.problem = "</script>"
    let html = try page([try judged("a.mp4", 3), try judged("b.mp4", 2)], [1: evidence])
    let block = try json("pictures-1", in: html)
    let strip = try #require((block["strips"] as? [[String: Any]])?.first)
    #expect(strip["jpeg"] as? String == "AQID" && strip["places"] as? [Int] == [0, 4])
    #expect(block["problem"] as? String == "</script>")
    let videos = try #require(try json("data", in: html)["videos"] as? [[String: Any]])
    #expect(videos.map { $0["hasPictures"] as? Bool } == [false, true])
    #expect(videos[1]["deciding"] as? Int == 3)
    let places = ["id=\"data\"", "\"use strict\"", "id=\"pictures-1\""].compactMap { html.range(of: $0)?.lowerBound }
    #expect(places.count == 3 && places == places.sorted())
  }
}
