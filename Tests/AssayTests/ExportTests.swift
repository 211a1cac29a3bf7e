import Foundation
import TestSupport
import Testing
import Verdicts

@Suite("assay export", .heavy)
struct ExportTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()
  private var out: String { output.path("out") }

  /// The output of a scan of three videos, all of them flagged, for tests that only send.
  private static let scanned = Result {
    let kept = ScratchFolder()
    let tests = try ExportTests()
    try #require(try tests.scan().code == 0)
    try FileManager.default.copyItem(atPath: tests.out, toPath: kept.path("out"))
    return kept
  }

  init() throws {
    try output.write("a plain secret of words\n", to: "secret")
    try videos.makeOldClip("1.mp4", seconds: 0.1)
    for name in ["2.mp4", "3.mp4"] { try link(name) }
  }

  private func takeScanned() throws {
    try FileManager.default.copyItem(atPath: Self.scanned.get().path("out"), toPath: out)
  }

  private func link(_ name: String) throws {
    try videos.copy("1.mp4", to: name)
  }

  /// Every video is flagged: its score is above 0.
  private func scan(_ more: String...) throws -> ExternalProgram.Result {
    try AssayProgram.run(
      ["scan", videos.path, "-o", out, "-q", "--faces", "whole-frame", "--frames", "1", "--threshold", "0"] + more)
  }

  private func send(to receiver: LoopbackReceiver, _ more: [String] = []) throws -> ExternalProgram.Result {
    try AssayProgram.run(sending(to: receiver) + more)
  }

  private func sending(to receiver: LoopbackReceiver) -> [String] {
    [
      "export", out, "--url", receiver.url, "--secret-file", output.path("secret"), "--batch", "2", "--attempts", "3",
      "--wait", "0.01", "--timeout", "3600", "--receiver", "moderation",
    ]
  }

  @Test("batches are signed and sent once; later flagged videos are sent separately")
  func once() throws {
    #expect(try scan().code == 0)
    let receiver = try LoopbackReceiver("ok")
    let first = try send(to: receiver)
    #expect(first.code == 0 && first.output == "3 flagged videos handed over\n", "\(first.output)")
    let requests = try receiver.requests()
    #expect(requests.map(\.ids.count) == [2, 1])
    #expect(requests.allSatisfy { $0.signed && $0.sameKey && $0.taken })
    // A scan that finds the same again is no news.
    #expect(try scan("--rescan").code == 0)
    #expect(try send(to: receiver).code == 0)
    #expect(try receiver.requests() == requests)
    try link("4.mp4")
    #expect(try scan().code == 0)
    #expect(try send(to: receiver).code == 0)
    #expect(try receiver.requests().map(\.ids.count) == [2, 1, 1])
  }

  @Test(
    "a receiver that does not exist is named once, at once, and the outbox keeps everything",
    arguments: [
      (["--hook", "no-such-command-here"], "not found (exit code 127)"),
      (["--url", "http://127.0.0.1:1/"], "failed to connect"),
    ])
  func absent(receiver: [String], message: String) throws {
    try takeScanned()
    let begin = ContinuousClock.now
    let result = try AssayProgram.run(["export", out, "--wait", "60"] + receiver)
    #expect(ContinuousClock.now - begin < .seconds(30))
    #expect(result.code == 75 && result.output.contains("3 wait for the next time"), "\(result.output)")
    #expect(result.output.lowercased().split(separator: message.lowercased()).count == 2, "\(result.output)")
  }

  @Test(
    "a receiver that was down gets everything exactly once",
    arguments: [("fail", 75, 3), ("busy", 75, 3), ("refuse", 2, 2), ("moved", 2, 2)])
  func down(mode: String, code: Int32, attempts: Int) throws {
    try takeScanned()
    let receiver = try LoopbackReceiver(mode)
    let result = try send(to: receiver)
    #expect(result.code == code && result.output.contains("3 wait for the next time"), "\(result.output)")
    // Refused batches are not tried again at once, and the second one is not the first one's fault.
    #expect(try receiver.requests().count == attempts)
    try receiver.become("ok")
    #expect(try send(to: receiver).code == 0)
    let requests = try receiver.requests()
    let taken = requests.filter(\.taken)
    #expect(taken.map(\.ids.count) == [2, 1] && Set(taken.flatMap(\.ids)).count == 3)
    // Later attempts are the earlier ones again, byte for byte.
    #expect(Set(requests.map(\.body)).count == 2 && Set(requests.map(\.key)).count == 2)
  }

  @Test("a receiver that never replies is abandoned, and the next run sends everything once")
  func silent() throws {
    try takeScanned()
    let silent = try LoopbackReceiver("hang")
    let result = try send(to: silent, ["--timeout", "0.5"])
    #expect(result.code == 75 && result.output.contains("3 wait for the next time"), "\(result.output)")
    let receiver = try LoopbackReceiver("ok")
    #expect(try send(to: receiver).code == 0)
    let (refused, taken) = (try silent.requests(), try receiver.requests())
    #expect(taken.map(\.ids.count) == [2, 1] && Set(taken.flatMap(\.ids)).count == 3)
    // On a busy machine the time may be up before the whole request was sent.
    #expect(refused.count <= 3 && Set((refused + taken).map(\.body)).count == 2)
  }

  @Test("a lost reply leads to a repetition with the same key and bytes")
  func drop() throws {
    try takeScanned()
    let receiver = try LoopbackReceiver("drop")
    #expect(try send(to: receiver).code == 0)
    let requests = try receiver.requests()
    #expect(requests.map(\.ids.count) == [2, 2, 1] && requests[0] == requests[1])
  }

  @Test("after an unreachable receiver or a killed export, the next run sends everything")
  func killed() throws {
    try takeScanned()
    let nobody = try AssayProgram.run(
      "export", out, "--url", "http://127.0.0.1:1/", "--receiver", "moderation", "--attempts", "1")
    #expect(nobody.code == 75 && nobody.output.contains("not signed"), "\(nobody.output)")
    let receiver = try LoopbackReceiver("hang")
    for _ in 0..<3 {
      let process = Process()
      process.executableURL = URL(filePath: AssayProgram.path)
      process.arguments = sending(to: receiver)
      let before = try receiver.requests().count
      try process.run()
      while process.isRunning, try receiver.requests().count == before { usleep(20_000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try receiver.become("ok")
    #expect(try send(to: receiver).code == 0)
    let requests = try receiver.requests()
    let taken = requests.filter(\.taken)
    // One batch of three: it was packed by the first exporter, whose batches were greater.
    #expect(
      taken.map(\.ids.count) == [3] && Set(requests.map(\.key)).count == 1 && Set(requests.map(\.body)).count == 1)
  }

  @Test(
    "an untrusted certificate is rejected",
    .enabled(if: ExternalProgram.succeeds("openssl", "version"), "openssl is not installed (Debian: openssl)"))
  func certificate() throws {
    try takeScanned()
    let made = try ExternalProgram.run([
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2", "-keyout",
      output.path("key"), "-out", output.path("certificate"), "-addext", "subjectAltName=IP:127.0.0.1",
    ])
    try #require(made.code == 0, "\(made.output)")
    let receiver = try LoopbackReceiver("ok", certificate: (output.path("certificate"), output.path("key")))
    let result = try send(to: receiver, ["--attempts", "1"])
    #expect(result.code == 75 && result.output.contains("SSL certificate problem"), "\(result.output)")
    #expect(try receiver.requests().isEmpty)
  }

  @Test("a command runs once per flagged video, whatever its name; failures are repeated")
  func hook() throws {
    let odd = "a\n$(touch hacked)'\".mp4"
    try link(odd)
    let log = output.path("log")
    try output.write(
      """
      #!/bin/sh
      test -e '\(output.path("down"))' && exit 1
      printf '%s\\0' "$ASSAY_PATH" >> '\(log)'
      cat >> '\(output.path("rows"))'
      """, to: "hook")
    try output.write("", to: "down")
    let hook = "sh '\(output.path("hook"))'"
    let failed = try scan("--hook", hook, "--limit", "1")
    #expect(failed.code == 75 && failed.output.contains("1 wait for the next time"), "\(failed.output)")
    try FileManager.default.removeItem(atPath: output.path("down"))
    #expect(try scan("--hook", hook).code == 0)
    #expect(try AssayProgram.run("export", out, "--hook", hook).output == "0 flagged videos handed over\n")
    let paths = try output.text("log").split(separator: "\0").map(String.init).sorted()
    #expect(paths == ["1.mp4", "2.mp4", "3.mp4", odd].map(videos.path).sorted())
    let rows = try output.text("rows").split(separator: "\n").map {
      try ManifestJSON.record(line: Array($0.utf8), file: "rows").source.path.text
    }
    #expect(rows.sorted() == paths)
    #expect(!FileManager.default.fileExists(atPath: "hacked"))
  }

  @Test("without a receiver, flagged videos are printed in the requested format")
  func printed() throws {
    try link("=cmd.mp4")
    #expect(try scan().code == 0)
    let csv = try AssayProgram.run("export", out, "--format", "csv").output.split(separator: "\r\n")
    #expect(csv.count == 5 && csv[0].hasPrefix("id,path,pathBytes,verdict,score,"))
    #expect(csv.dropFirst().allSatisfy { $0.contains(",fake,") && $0.hasSuffix(",,") })
    struct Labels: Decodable {
      struct Item: Decodable {
        struct Label: Decodable { let name: String; let confidence: Double }
        let id: String
        let labels: [Label]
      }
      let items: [Item]
    }
    let text = try AssayProgram.run("export", out, "--format", "labels").output
    let labels = try JSONDecoder().decode(Labels.self, from: Data(text.utf8))
    let scores = try AssayProgram.manifest(in: out).videos.map(\.finding.score)
    #expect(labels.items.map { $0.labels.first?.name } == Array(repeating: "deepfake", count: 4))
    #expect(Set(labels.items.map { $0.labels.first?.confidence }) == Set(scores))
    #expect(
      try AssayProgram.run("export", out, "--verdict", "real", "--format", "csv").output.hasSuffix("reviewer\r\n"))
    #expect(try AssayProgram.run("export", out, "--url", "ftp://127.0.0.1/").code == 64)
    #expect(try AssayProgram.run("export", output.path, "--hook", "true").code == 2)
  }
}
