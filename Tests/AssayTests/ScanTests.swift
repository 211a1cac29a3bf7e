import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay scan", .heavy)
struct ScanTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()

  private var out: String { output.path("out") }

  @Test("every accepted file gets exactly one row, and a broken one is never judged real")
  func oneRowEach() throws {
    try videos.makeClip("bars.mp4")
    try videos.write("this is no film", to: "text.mp4")
    try videos.write("", to: "empty.mp4")
    try videos.write("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/hostname\n", to: "list.mp4")
    try videos.write("not scanned", to: "notes.txt")
    #expect(mkfifo(videos.path("pipe.mp4"), 0o600) == 0)
    try FileManager.default.createSymbolicLink(atPath: videos.path("link.mp4"), withDestinationPath: "bars.mp4")
    let clip = try Data(contentsOf: URL(filePath: videos.path("bars.mp4")))
    try clip.prefix(clip.count / 2).write(to: URL(filePath: videos.path("half.mp4")))

    let result = try AssayProgram.run("scan", videos.path, "-o", out)
    #expect(result.code == 3, "\(result.output)")
    let manifest = try AssayProgram.manifest(in: out)
    #expect(
      manifest.videos.map(\.source.path.fileName.text)
        == ["bars.mp4", "empty.mp4", "half.mp4", "list.mp4", "pipe.mp4", "text.mp4"])
    let expected: [String: FailureReason] = [
      "empty.mp4": .notVideo, "half.mp4": .truncated, "list.mp4": .refused, "pipe.mp4": .refused,
      "text.mp4": .notVideo,
    ]
    for (name, reason) in expected {
      let finding = try #require(manifest.video(name)).finding
      #expect(finding.verdict == .failed)
      #expect(finding.reason == reason, "\(name): \(finding.message ?? "")")
      #expect(finding.score == nil)
    }
    #expect(manifest.video("bars.mp4")?.finding.verdict == .noFace)
    #expect(manifest.run.counts.videos == 6)
  }

  @Test("names survive exactly, whatever their bytes")
  func names() throws {
    try videos.makeClip("plain.mp4")
    let names = ["-dash.mp4", "=sum.mp4", "a\nb.mp4", "per%cent.mp4", "pipe:1.mp4", "\"quote\".mp4"]
    for name in names { try FileManager.default.linkItem(atPath: videos.path("plain.mp4"), toPath: videos.path(name)) }
    #expect(try AssayProgram.run("scan", videos.path, "-o", out).code == 0)
    let found = try AssayProgram.manifest(in: out).videos.map(\.source.path.fileName.text)
    #expect(Set(found) == Set(names + ["plain.mp4"]))
  }

  @Test("rows are the same bytes whatever the workers, the batch size and the order, and in every run")
  func deterministic() throws {
    let names = ["calm.mp4", "couple.mp4", "portrait.mp4", "swapped.mp4"]
    var films = ""
    for name in names { films = try output.draw(name, into: "films") }
    let inputs = names.map { "\(films)/\($0)" }
    let runs = [
      inputs + ["--workers", "2"], inputs + ["--workers", "1", "--batch", "5"], inputs + ["--workers", "2"],
      inputs.reversed() + ["--workers", "3", "--batch", "1"], inputs.reversed() + ["--workers", "1", "--batch", "64"],
    ]
    var rows: [[String]] = []
    for (number, arguments) in runs.enumerated() {
      let folder = output.path("run-\(number)")
      let result = try AssayProgram.run(["scan", "-o", folder, "--frames", "6", "-q"] + arguments)
      #expect(result.code == 0, "\(result.output)")
      // Written as results arrive.
      let lines = try output.text("run-\(number)/manifest.jsonl").split(whereSeparator: \.isNewline)
      rows.append(lines.map(String.init).sorted())
    }
    #expect(rows[0].count == names.count)
    #expect(rows.allSatisfy { $0 == rows[0] })
    #expect(try AssayProgram.manifest(in: output.path("run-0")).videos.map(\.finding.tracks.count) == [1, 2, 1, 1])
  }

  @Test("a termination signal keeps the finished videos and marks the run as incomplete")
  func interrupted() throws {
    try videos.makeClip("0.mp4")
    for index in 1..<600 {
      try videos.copy("0.mp4", to: "\(index).mp4")
    }
    let process = Process()
    process.executableURL = URL(filePath: AssayProgram.path)
    process.arguments = AssayProgram.patient(
      ["scan", videos.path, "-o", out, "--quiet", "--faces", "whole-frame", "--frames", "2"])
    try process.run()
    let rows = out + "/.manifest.jsonl.partial"
    while process.isRunning, ((try? Data(contentsOf: URL(filePath: rows)))?.count ?? 0) < 100 { usleep(20_000) }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    let manifest = try AssayProgram.manifest(in: out)
    #expect(!manifest.run.isComplete)
    #expect((1..<600).contains(manifest.videos.count))
  }

  @Test("a second run on the same output is refused while the first is running")
  func locked() throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let descriptor = open(out + "/.assay.lock", O_CREAT | O_RDWR, 0o644)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let result = try AssayProgram.run("scan", videos.path, "-o", out)
    #expect(result.code == 75)
    #expect(result.output.contains("another run is using"))
  }

  @Test(
    "usage errors name the remedy",
    arguments: [
      (["scan"], Int32(64), "name at least one video"),
      (["scan", "x", "--frames", "0"], 64, "--frames must lie in"),
      (["scan", "x", "--detector", "magic"], 64, "magic"),
      (["scan", "x", "--pipeline", "nowhere.yaml"], 64, "nowhere.yaml"),
      (["scan", "/dev/null", "--model", "/nowhere.safetensors"], 64, "there is no model '/nowhere.safetensors'"),
      (["scan", "/dev/null", "-o", "/proc/nowhere"], 2, "/proc/nowhere"),
      (["scan", "--files-from", "/nowhere"], 2, "/nowhere"),
    ])
  func mistakes(arguments: [String], code: Int32, message: String) throws {
    let result = try ExternalProgram.run([AssayProgram.path] + arguments)
    #expect(result.code == code)
    #expect(result.output.contains(message), "\(result.output)")
  }
}
