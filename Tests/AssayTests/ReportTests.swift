import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay report, and scan --report, in a real Chromium", .heavy)
struct ReportTests {
  private let output = ScratchFolder()
  private var out: String { output.path("out") }
  private var videos: String { output.path("videos") }

  /// Directories and a name that would end the page's script, if they could.
  private static let hostile = "a<\u{7}/script><script>window.hacked=1<"
  private static let hostileName = "script><b class=\"hostile\">\"\u{301}'&\u{202E},.mp4"

  /// A drawn person, and the same one mirrored, 1.2 s each, made once for all tests; by name.
  private static let people: [String: String] = {
    let drawn = ScratchFolder()
    let tool = URL(filePath: AssayProgram.path).deletingLastPathComponent().appending(path: "DevTools").path
    // A clip that is missing fails the tests that copy it.
    _ = try? ExternalProgram.run([tool, "draw", drawn.path, "calm.mp4"])
    let filters = ["calm.mp4": "null", "mirrored.mp4": "hflip"]
    return filters.reduce(into: [:]) { made, clip in
      let cut = ["-t", "1.2", "-vf", clip.value, "-c:v", "libx264", "-preset", "veryfast", "-crf", "16"]
      made[clip.key] = try? TestClips.make("report-\(clip.key)", ["-i", drawn.path("calm.mp4")] + cut)
    }
  }()

  private func copy(_ person: String, to place: String) throws {
    let target = URL(filePath: "\(videos)/\(place)")
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: URL(filePath: try #require(Self.people[person])), to: target)
  }

  /// All faces count as fake, so that there are segments to cut.
  private func scan(_ more: [String] = []) throws {
    let result = try AssayProgram.run(
      ["scan", videos, "-o", out, "--frames", "4", "--threshold", "0.001", "-q"] + more)
    try #require([0, 3].contains(result.code), "\(result.output)")
  }

  /// A scan with everything that a page shows, made once for all tests; with the folder of its videos.
  private static let scanned = Result {
    let tests = ReportTests()
    try tests.copy("mirrored.mp4", to: "\(hostile)/\(hostileName)")
    try tests.copy("calm.mp4", to: "calm.mp4")
    try tests.output.makeClip("videos/bars.mp4", seconds: 0.4)
    try tests.output.write("this is no film", to: "videos/text.mp4")
    try tests.scan(["--report", "--clips", "--perturb", "fgsm", "--epsilon", "4/255"])
    return tests
  }

  @Test("a page has pictures with heat maps, and clips of the suspicious segments")
  func pictures() throws {
    let tests = try Self.scanned.get()
    let html = try tests.output.text("out/report.html")
    // The built-in model has a layer for Grad-CAM.
    for name in ["Grad-CAM", "Input gradient"] { #expect(html.contains("\"name\":\"\(name)\"")) }
    #expect(html.contains("id=\"pictures-"))
    try tests.checkClips(html)
  }

  @Test(
    "filter, sort, keyboard, labels, phone, dark mode; decisions become labels that assay evaluate reads",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium"),
      "there is no /usr/bin/chromium (Debian: chromium)"))
  func page() throws {
    let out = try Self.scanned.get().out
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "tooling/report_page.py").path
    let checks = try ExternalProgram.run(["python3", script, "\(out)/report.html", "\(out)/manifest.json", output.path])
    #expect(checks.code == 0, "\(checks.output)")
    // The first two rows were decided: a fake and a real one.
    let labels = try ExternalProgram.run([
      AssayProgram.path, "evaluate", "builtin", output.path("decisions.csv"), "--part", "all", "--json", "--resamples",
      "100", "--scores", output.path("scores.csv"),
    ])
    #expect(labels.code == 0, "\(labels.output)")
    let scores = try output.text("scores.csv")
    #expect(scores.contains(",fake,") && scores.contains(",real,") && scores.contains("/calm.mp4"))
  }

  private func checkClips(_ html: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: out + "/report.clips")
      .filter { !$0.hasPrefix(".") }.sorted()
    #expect(names.count == 2, "\(names)")
    for name in names {
      #expect(html.contains("\"report.clips/\(name)\""))
      let probe = try ExternalProgram.run([
        "ffprobe", "-v", "error", "-select_streams", "v", "-count_frames", "-show_entries",
        "stream=codec_name,pix_fmt,nb_read_frames", "-of", "csv=p=0", "\(out)/report.clips/\(name)",
      ])
      let parts = probe.output.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ",")
      #expect(parts.first == "h264" && parts.dropFirst().first == "yuv420p", "\(probe.output)")
      #expect((20...40).contains(Int(parts.last ?? "") ?? 0), "\(probe.output)")
    }
  }

  @Test("a changed file gets no pictures, another model no maps, a limit is reported; the page is deterministic")
  func honesty() throws {
    try copy("calm.mp4", to: "a.mp4")
    try copy("calm.mp4", to: "b.mp4")
    try scan()
    func report(_ name: String, _ more: [String] = []) throws -> String {
      let result = try AssayProgram.run(["report", out, "-o", output.path(name)] + more)
      #expect(result.code == 0, "\(result.output)")
      return try output.text(name)
    }
    let page = try report("one.html", ["--pictures", "1"])
    #expect(page.components(separatedBy: "id=\"pictures-").count == 2)
    #expect(page.contains("Pictures are included for 1 of the 2 flagged"))
    #expect(!page.contains("\"problem\""), "what is cut out again is what was judged")
    #expect(try report("two.html", ["--pictures", "1", "--workers", "1"]) == page)
    let bare = try report("three.html", ["--pictures", "0"])
    #expect(!bare.contains("id=\"pictures-") && bare.contains("Pictures were disabled"))
    for name in ["a.mp4", "b.mp4"] { try output.write("another film", to: "videos/\(name)") }
    let changed = try report("four.html")
    #expect(changed.contains("could not be decoded again") && changed.contains("Pictures are missing of 2 videos."))
    func expect(_ arguments: [String], _ code: Int32, _ text: String) throws {
      let result = try ExternalProgram.run([AssayProgram.path] + arguments)
      #expect(result.code == code && result.output.contains(text), "\(arguments): \(result.output)")
    }
    try expect(["report", output.path], 2, "contains no readable manifest.json")
    try expect(["report", out, "--pictures=-1"], 64, "--pictures must lie in")
    try expect(["scan", videos, "--clips"], 64, "--clips is a setting of --report")
    let manifest = try output.text("out/manifest.json")
    let other = manifest.replacing(/"sha256":"[0-9a-f]{64}"\},"modelCard"/, with: "\"sha256\":\"00\"},\"modelCard\"")
    try #require(other != manifest)
    try output.write(other, to: "out/manifest.json")
    try expect(["report", out], 2, "name its file with --model")
  }
}
