import Foundation
import Glibc
import TestSupport
import Testing
import Verdicts

/// One folder with everything that may turn up in an upload directory and means no good, beside one good video.
@Suite("Hostile files", .heavy)
struct HostileTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()

  private var files: [HostileFile] {
    HostileFile.noVideos + HostileFile.liars + HostileFile.damaged + HostileFile.references + HostileFile.oddities
      + [HostileFile.device].compactMap(\.self)
  }

  private var scan: [String] {
    [
      AssayProgram.path, "scan", videos.path, "-o", output.path("out"), "-q", "--frames", "4", "--faces",
      "whole-frame", "--timeout", "3600",
    ]
  }

  /// Makes the whole folder; the good video is there already.
  private func fill(_ workshop: HostileWorkshop) throws {
    for file in files { try file.make(workshop, videos.path(file.name)) }
    for name in HostileFile.names { try link("portrait.mp4", name) }
    for (name, target) in [("self.mp4", "self.mp4"), ("a.mp4", "b.mp4"), ("b.mp4", "a.mp4"), ("up", "..")] {
      try FileManager.default.createSymbolicLink(atPath: videos.path(name), withDestinationPath: target)
    }
  }

  @Test("each file gets its verdict class in bounded memory without network access, and the valid video is unaffected")
  func corpus() throws {
    let listener = try LoopbackListener()
    _ = try output.draw("portrait.mp4", into: "drawn")
    try FileManager.default.copyItem(atPath: output.path("drawn/portrait.mp4"), toPath: videos.path("portrait.mp4"))
    let alone = output.path("alone")
    #expect(
      try AssayProgram.run("scan", videos.path, "-o", alone, "-q", "--frames", "4", "--faces", "whole-frame").code == 0)
    try fill(try HostileWorkshop(port: listener.port))
    let (code, peakBytes) = try MeasuredProgram.run(scan)
    #expect(code == 3)
    #expect(peakBytes < 1 << 30, "\(peakBytes)")

    let rows = try AssayProgram.manifest(in: output.path("out")).videos
    for file in files {
      guard let row = rows.first(where: { $0.source.path.fileName.bytes == Array(file.name.utf8) }) else {
        Issue.record("\(file.name) has no row")
        continue
      }
      let complaint = file.expected.complaint(about: row)
      #expect(complaint == nil, "\(file.name)")
    }
    #expect(rows.count == files.count + HostileFile.names.count + 1)
    try checkGoodRows(rows, alone: AssayProgram.manifest(in: alone).videos)
    #expect(listener.isUntouched)
  }

  @Test(
    "no other program runs, nothing connects, and the secret is not opened",
    .enabled(if: ExternalProgram.succeeds("strace", "-V"), "strace is not installed (Debian: strace)"))
  func traced() throws {
    let listener = try LoopbackListener()
    try videos.makeClip("portrait.mp4", seconds: 0.4)
    try fill(try HostileWorkshop(port: listener.port))
    let trace = output.path("trace")
    let tracer = ["strace", "-f", "-qq", "-s", "300", "-o", trace, "-e", "trace=open,openat,connect,socket,execve"]
    #expect(try ExternalProgram.run(tracer + scan).code == 3)
    let lines = String(decoding: try Data(contentsOf: URL(filePath: trace)), as: UTF8.self).split(separator: "\n")
    #expect(lines.count > 50)
    #expect(!lines.contains { $0.contains("canary-secret") })
    #expect(!lines.contains { $0.contains("AF_INET") || $0.contains("connect(") })
    let programs = lines.filter { $0.contains("execve(") }
    #expect(programs.count >= 2)
    #expect(programs.allSatisfy { $0.contains("\"\(AssayProgram.path)\"") || $0.contains("\"/proc/self/exe\"") })
    #expect(listener.isUntouched)
  }

  /// The good video and all its hard links have the row that it has alone, but for the name.
  private func checkGoodRows(_ rows: [VideoRecord], alone: [VideoRecord]) throws {
    let reference = try #require(alone.first)
    #expect(reference.finding.score != nil)
    let names = Set(HostileFile.names + [Array("portrait.mp4".utf8)])
    let good = rows.filter { names.contains($0.source.path.fileName.bytes) }
    #expect(Set(good.map(\.source.path.fileName.bytes)) == names)
    #expect(good.allSatisfy { $0.finding == reference.finding && $0.source.sha256 == reference.source.sha256 })
  }

  private func link(_ name: String, _ new: [UInt8]) throws {
    let path = Array((videos.path + "/").utf8) + new + [0]
    let result = path.withUnsafeBytes { bytes in
      bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { Glibc.link(videos.path(name), $0) } ?? -1
    }
    if result != 0 { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }

  @Test("names survive JSON, JSON lines and CSV exactly, whatever their bytes")
  func names() throws {
    try videos.makeClip("plain.mp4")
    for name in HostileFile.names { try link("plain.mp4", name) }
    let out = output.path("out")
    #expect(try AssayProgram.run("scan", videos.path, "-o", out, "-q", "--faces", "whole-frame").code == 0)
    let script = """
      import csv, json, sys, urllib.parse
      def exact(path, encoded): return (urllib.parse.unquote_to_bytes(encoded) if encoded else path.encode()).hex()
      def plain(cell): return cell[1:] if cell.startswith("'") else cell
      rows = list(csv.DictReader(open(sys.argv[1] + "/manifest.csv", newline="", encoding="utf-8")))
      assert not [r for r in rows if r["path"][:1] in "=+-@\\t\\r\\n"]
      print("\\n".join(sorted(exact(plain(r["path"]), plain(r["pathBytes"])) for r in rows)), "csv")
      whole = json.load(open(sys.argv[1] + "/manifest.json", encoding="utf-8"))["videos"]
      print("\\n".join(sorted(exact(r["path"], r.get("pathBytes")) for r in whole)), "json")
      lines = [json.loads(line) for line in open(sys.argv[1] + "/manifest.jsonl", encoding="utf-8", newline="\\n")]
      print("\\n".join(sorted(exact(r["path"], r.get("pathBytes")) for r in lines)), "jsonl")
      """
    let result = try ExternalProgram.run(["python3", "-c", script, out])
    #expect(result.code == 0, "\(result.output)")
    let expected = (HostileFile.names + [Array("plain.mp4".utf8)]).map { name in
      (Array((videos.path + "/").utf8) + name).map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }.joined()
    }.sorted().joined(separator: "\n")
    #expect(result.output == "\(expected) csv\n\(expected) json\n\(expected) jsonl\n")
  }

  @Test("loops of symbolic links terminate, whether followed or named explicitly")
  func loops() throws {
    try videos.makeClip("plain.mp4")
    try FileManager.default.createSymbolicLink(atPath: videos.path("self.mp4"), withDestinationPath: "self.mp4")
    try FileManager.default.createSymbolicLink(atPath: videos.path("up"), withDestinationPath: ".")
    let out = output.path("out")
    #expect(try AssayProgram.run("scan", videos.path, "-o", out, "-q", "--follow-symlinks").code == 0)
    #expect(try AssayProgram.manifest(in: out).videos.count == 1)
    #expect(try AssayProgram.run("scan", videos.path("self.mp4"), "-o", output.path("named"), "-q").code == 3)
    #expect(try AssayProgram.manifest(in: output.path("named")).videos.map(\.finding.reason) == [.refused])
  }
}

/// Listens on this machine and takes no call: whether somebody called can be told afterwards.
private final class LoopbackListener {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    let end = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutableBytes(of: &address) { bytes in
      guard let start = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
      return bind(end, start, length) == 0 && listen(end, 8) == 0 && getsockname(end, start, &length) == 0
    }
    guard isListening else { throw POSIXError(.EADDRINUSE) }
    descriptor = end
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  var isUntouched: Bool {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, 0) == 0
  }
}

/// A program of which the greatest memory of any of its processes is told.
private enum MeasuredProgram {
  /// A child's peak begins with that of the process that started it, so a small one stands between this one and the program.
  private static let script = """
    import resource, subprocess, sys
    code = subprocess.call(sys.argv[1:])
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
    sys.exit(code)
    """

  static func run(_ arguments: [String]) throws -> (code: Int32, peakBytes: Int) {
    let result = try ExternalProgram.run(["python3", "-c", script] + arguments)
    let last = result.output.split(separator: "\n").last
    return (result.code, try #require(last.flatMap { Int($0) }, "\(result.output)"))
  }
}
