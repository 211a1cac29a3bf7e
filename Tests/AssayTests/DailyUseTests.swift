import Foundation
import TestSupport
import Testing
import Verdicts

/// What a folder of uploads looks like in daily use, and what a user types.
@Suite("Input folders", .heavy)
struct InputFolderTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()
  private var out: String { output.path("out") }

  /// Runs a command as a user who cannot read everything.
  private static let asNobody =
    getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

  private static var canBeNobody: Bool {
    (try? ExternalProgram.run(asNobody + [AssayProgram.path, "--version"]).code) == 0
  }

  private func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: videos.path(name), withIntermediateDirectories: true)
  }

  private func names() throws -> [String] {
    try AssayProgram.manifest(in: out).videos.map { $0.source.relativePath?.text ?? $0.source.path.text }
  }

  @Test(
    "a folder without permission is a failure, and its earlier rows stay and are marked as stale",
    .enabled(if: canBeNobody, "no other user can run the program here"))
  func unreadable() throws {
    try makeFolder("closed/deeper")
    for name in ["a.mp4", "closed/b.mp4", "closed/deeper/c.mp4"] { try videos.makeOldClip(name, seconds: 0.2) }
    #expect(chmod(videos.path, 0o755) == 0 && chmod(output.path, 0o777) == 0)
    func scan() throws -> ExternalProgram.Result {
      try ExternalProgram.run(
        Self.asNobody
          + AssayProgram.patient([
            AssayProgram.path, "scan", videos.path, "-o", out, "-q", "--metrics", output.path("prom"),
          ]))
    }
    #expect(try scan().code == 0)
    #expect(chmod(videos.path("closed"), 0) == 0)
    defer { _ = chmod(videos.path("closed"), 0o755) }
    for _ in 0..<2 {
      let result = try scan()
      #expect(result.code == 3, "\(result.output)")
      #expect(result.output.contains("\(videos.path("closed")) could not be read: Permission denied (errno 13)"))
      let manifest = try AssayProgram.manifest(in: out)
      #expect(!manifest.run.isComplete)
      #expect(manifest.run.folderFailures.map(\.path.text) == [videos.path("closed")])
      #expect(manifest.run.folderFailures.map(\.errno) == [13])
      #expect(manifest.run.folderFailures.map(\.staleVideos) == [2])
      #expect(try names() == ["a.mp4", "closed/b.mp4", "closed/deeper/c.mp4"])
      #expect(manifest.videos.map { $0.warnings.contains { $0.code == .stale } } == [false, true, true])
      #expect(try output.text("prom").contains("\nassay_unreadable_folders 1.0\n"))
    }
    #expect(chmod(videos.path("closed"), 0o755) == 0)
    #expect(try scan().code == 0)
    #expect(try AssayProgram.manifest(in: out).videos.allSatisfy { $0.warnings.isEmpty })

    // The named folder itself, before any run.
    #expect(chmod(videos.path, 0) == 0)
    defer { _ = chmod(videos.path, 0o755) }
    let root = try ExternalProgram.run(
      Self.asNobody + [AssayProgram.path, "scan", videos.path, "-o", output.path("new"), "-q"])
    #expect(root.code == 3, "\(root.output)")
    let plan = try ExternalProgram.run(
      Self.asNobody + [AssayProgram.path, "plan", videos.path, "-o", output.path("plan"), "--shards", "1"])
    #expect(plan.code == 2 && plan.output.contains("errno 13"), "\(plan.output)")
  }

  @Test("content decides what is a video; what is left out is counted by reason")
  func content() throws {
    try makeFolder("store")
    try makeFolder("@eaDir/clip.mp4")
    try videos.makeClip("clip.mp4", seconds: 0.2)
    for name in ["store/3f9ac0d2", "store/phone.3gpp", "@eaDir/clip.mp4/SYNOPHOTO_FILM_M.mp4"] {
      try FileManager.default.copyItem(atPath: videos.path("clip.mp4"), toPath: videos.path(name))
    }
    try videos.write("a note about nothing in particular\n", to: "store/notes")
    try Data([0x00, 0x05, 0x16, 0x07, 0x00, 0x02, 0x00, 0x00]).write(to: URL(filePath: videos.path("._clip.mp4")))
    // A name alone hides nothing.
    try FileManager.default.copyItem(atPath: videos.path("clip.mp4"), toPath: videos.path("._real.mp4"))
    #expect(mkfifo(videos.path("store/pipe"), 0o600) == 0)
    let picture = try ExternalProgram.run([
      "ffmpeg", "-v", "error", "-i", videos.path("clip.mp4"), "-frames:v", "1", videos.path("store/face.jpg"),
    ])
    #expect(picture.code == 0)

    let result = try AssayProgram.run("scan", videos.path, "-o", out, "--metrics", output.path("prom"))
    #expect(result.code == 0, "\(result.output)")
    #expect(try names() == ["._real.mp4", "clip.mp4", "store/3f9ac0d2", "store/phone.3gpp"])
    let leftOut = try AssayProgram.manifest(in: out).run.leftOut
    #expect(leftOut[.notVideo] == 2 && leftOut[.metadata] == 2 && leftOut[.special] == 1 && leftOut.total == 5)
    #expect(result.output.contains("left out: 2 files that are not videos"), "\(result.output)")
    #expect(try output.text("prom").contains("\nassay_left_out_files{reason=\"not_video\"} 2.0\n"))

    #expect(try AssayProgram.run("scan", videos.path, "-o", output.path("by-name"), "--only-extensions").code == 0)
    let byName = try AssayProgram.manifest(in: output.path("by-name"))
    #expect(byName.videos.count == 3 && byName.run.leftOut[.fileExtension] == 3)
  }

  @Test("a folder with files and without a video is an error, an empty one is not")
  func nothingAccepted() throws {
    #expect(try AssayProgram.run("scan", videos.path, "-o", out).code == 0)
    try videos.write("text", to: "notes.txt")
    let result = try AssayProgram.run("scan", videos.path, "-o", out, "-q")
    #expect(result.code == 2 && result.output.contains("1 file that is not a video"), "\(result.output)")
    #expect(try AssayProgram.manifest(in: out).run.leftOut[.notVideo] == 1)
  }

  @Test(
    "an input that is not there is wrong usage before anything starts",
    arguments: [
      "scan nosuch -o OUT", "scan OUT/.. nosuch -o OUT", "plan nosuch -o OUT --shards 1", "crops nosuch -o OUT",
      "train nosuch -o OUT", "report nosuch", "verify nosuch", "export nosuch", "merge nosuch OUT",
      "attack nosuch --write OUT", "evaluate builtin nosuch", "gan train nosuch -o OUT",
    ])
  func missing(command: String) throws {
    let arguments = command.split(separator: " ").map { String($0).replacing("OUT", with: out) }
    let result = try ExternalProgram.run([AssayProgram.path] + arguments)
    #expect(result.code == 64 && result.output.contains("'nosuch'"), "\(result.output)")
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("a missing file of a list has a row")
  func missingInList() throws {
    try videos.makeClip("clip.mp4", seconds: 0.2)
    try videos.write("\(videos.path("clip.mp4"))\n\(videos.path("gone.mp4"))\n", to: "list")
    #expect(try AssayProgram.run("scan", "--files-from", videos.path("list"), "-o", out, "-q").code == 3)
    #expect(try AssayProgram.manifest(in: out).video("gone.mp4")?.finding.reason == .unreadable)
  }

  @Test("one file is one row, however its path is spelled")
  func spellings() throws {
    try videos.makeOldClip("v.mp4", seconds: 0.2)
    let output = out
    func scan(_ inputs: String...) throws -> ExternalProgram.Result {
      try ExternalProgram.run(
        ["-C", videos.path, AssayProgram.path] + AssayProgram.patient(["scan"] + inputs + ["-o", output]))
    }
    #expect(try scan("v.mp4", "./v.mp4", videos.path("v.mp4"), ".").code == 0)
    let rows = try AssayProgram.manifest(in: out).videos
    #expect(rows.map(\.source.path.text) == [videos.path("v.mp4")])
    #expect(rows.map(\.source.root?.text) == [videos.path] && rows.map(\.source.relativePath?.text) == ["v.mp4"])
    for spelling in ["v.mp4", ".", videos.path] {
      #expect(try scan(spelling).output.contains("1 of them with the row of an earlier run: unchanged"), "\(spelling)")
      #expect(try AssayProgram.manifest(in: out).videos == rows)
    }
  }

  @Test("hard links are decoded once and have a row each, which says so")
  func hardLinks() throws {
    try videos.makeOldClip("a.mp4", seconds: 0.2)
    for name in ["b.mp4", "c"] {
      try FileManager.default.linkItem(atPath: videos.path("a.mp4"), toPath: videos.path(name))
    }
    for round in 0..<2 {
      let result = try AssayProgram.run("scan", videos.path, "-o", out, "--metrics", output.path("prom"))
      #expect(result.code == 0, "\(result.output)")
      let rows = try AssayProgram.manifest(in: out).videos
      #expect(try names() == ["a.mp4", "b.mp4", "c"])
      #expect(Set(rows.map(\.source.sha256)).count == 1 && Set(rows.map(\.finding)).count == 1)
      #expect(rows.map { $0.warnings.contains { $0.code == .hardLink } } == [false, true, true])
      #expect(try output.text("prom").contains("\nassay_scanned_videos \(round == 0 ? 1 : 0).0\n"))
    }
  }

  @Test("what assay wrote is not scanned as an upload")
  func ownProducts() throws {
    let films = try output.draw("portrait.mp4", into: "films")
    #expect(
      try AssayProgram.run(
        "scan", films, "-o", films + "/out", "-q", "--frames", "6", "--threshold", "0", "--report", "--clips"
      ).code == 0)
    let clips = try FileManager.default.contentsOfDirectory(atPath: films + "/out/report.clips")
      .filter { $0.hasSuffix(".mp4") }
    #expect(!clips.isEmpty)
    let again = try AssayProgram.run("scan", films, "-o", films + "/out", "-q", "--frames", "6", "--threshold", "0")
    #expect(again.code == 0, "\(again.output)")
    let manifest = try AssayProgram.manifest(in: films + "/out")
    #expect(manifest.videos.map(\.source.relativePath?.text) == ["portrait.mp4"])
    #expect(manifest.run.leftOut[.ownProduct] >= clips.count + 4 && manifest.run.leftOut[.notVideo] == 0)

    // A copied marker hides nothing.
    try FileManager.default.createDirectory(atPath: videos.path("copy"), withIntermediateDirectories: true)
    for name in clips + [".assay-products"] {
      try FileManager.default.copyItem(atPath: films + "/out/report.clips/" + name, toPath: videos.path("copy/" + name))
    }
    #expect(try AssayProgram.run("scan", videos.path, "-o", out, "-q", "--frames", "2").code == 0)
    #expect(try AssayProgram.manifest(in: out).videos.count == clips.count)
  }

  @Test("report, verify and export work from any folder, and follow a tree that was moved")
  func elsewhere() throws {
    let films = try output.draw("portrait.mp4", into: "films")
    let scan = ["scan", "films", "-o", "out", "-q", "--frames", "4", "--threshold", "0"]
    #expect(
      try ExternalProgram.run(["-C", output.path, AssayProgram.path] + AssayProgram.patient(scan)).code == 0)
    func elsewhere(_ arguments: String...) throws -> ExternalProgram.Result {
      try ExternalProgram.run(["-C", "/", AssayProgram.path] + arguments)
    }
    #expect(try elsewhere("verify", out).output == "1 of 1 video verified: 1 same\n")
    let report = try elsewhere("report", out)
    #expect(report.code == 0 && !report.output.contains("Pictures are missing"), "\(report.output)")

    try FileManager.default.moveItem(atPath: films, toPath: output.path("moved"))
    let gone = try elsewhere("verify", out)
    #expect(gone.code == 3 && gone.output.contains("--root OLD=NEW"), "\(gone.output)")
    #expect(try elsewhere("report", out).output.contains("Pictures are missing of 1 video."))
    let root = ["--root", "\(films)=\(output.path("moved"))"]
    #expect(try AssayProgram.run(["verify", out] + root).output == "1 of 1 video verified: 1 same\n")
    #expect(try AssayProgram.run(["report", out] + root).output.contains("Pictures are missing") == false)
    let exported = try AssayProgram.run(
      ["export", out, "--hook", "printf %s \"$ASSAY_PATH\" > '\(output.path("told"))'"] + root)
    #expect(exported.code == 0, "\(exported.output)")
    #expect(try output.text("told") == output.path("moved/portrait.mp4"))
    #expect(try AssayProgram.run("verify", out, "--root", "nonsense").code == 64)
  }
}

@Suite("Stopping a scan", .heavy)
struct StopTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()
  private var out: String { output.path("out") }

  /// Starts a scan of 40 videos whose decoders hang.
  private func start(_ more: [String] = []) throws -> (process: Process, errors: Pipe) {
    try videos.makeClip("0.mp4", seconds: 0.2)
    for index in 1..<40 {
      try FileManager.default.copyItem(atPath: videos.path("0.mp4"), toPath: videos.path("\(index).mp4"))
    }
    try output.write("#!/bin/sh\ntouch '\(output.path("started"))'\nexec sleep 3600\n", to: "decoder")
    try #require(chmod(output.path("decoder"), 0o755) == 0)
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(filePath: AssayProgram.path)
    process.environment = ProcessInfo.processInfo.environment.merging(["ASSAY_EXECUTABLE": output.path("decoder")]) {
      $1
    }
    process.arguments = AssayProgram.patient(["scan", videos.path, "-o", out, "-q"] + more)
    process.standardError = errors
    try process.run()
    while process.isRunning, !FileManager.default.fileExists(atPath: output.path("started")) { usleep(20_000) }
    return (process, errors)
  }

  @Test(
    "a signal gives videos in a decoder a few seconds, and puts back the whole queue", arguments: [SIGTERM, SIGINT])
  func signalled(number: Int32) throws {
    let (process, errors) = try start()
    let begin = ContinuousClock.now
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    // 10 s of grace; a busy machine may take as long again.
    #expect(ContinuousClock.now - begin < .seconds(25))
    #expect(process.terminationStatus == 128 + number)
    let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(said.contains("a second signal (Ctrl-C) stops at once"), "\(said)")
    let manifest = try AssayProgram.manifest(in: out)
    #expect(!manifest.run.isComplete && manifest.videos.isEmpty)
  }

  @Test("a second signal ends the scan at once")
  func twice() throws {
    let (process, errors) = try start()
    let begin = ContinuousClock.now
    kill(process.processIdentifier, SIGTERM)
    _ = errors.fileHandleForReading.availableData
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(ContinuousClock.now - begin < .seconds(8))
    #expect(process.terminationStatus == 128 + SIGTERM)
  }

  @Test("the end of the time budget does the same, and is no interruption")
  func budget() throws {
    let begin = ContinuousClock.now
    let (process, errors) = try start(["--budget", "1s", "--metrics", output.path("prom")])
    process.waitUntilExit()
    #expect(ContinuousClock.now - begin < .seconds(40))
    #expect(process.terminationStatus == 0)
    let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(said.contains("the time budget is used up"), "\(said)")
    #expect(try output.text("prom").contains("\nassay_backlog_videos 40.0\n"))
  }
}
