import Foundation
import TestSupport
import Testing
import Verdicts

/// What a scan does with what earlier ones left in the ledger.
@Suite("A second scan", .heavy)
struct SecondScanTests {
  private let videos = ScratchFolder()
  private let output = ScratchFolder()
  private var out: String { output.path("out") }

  /// Decoders that crash: a video that is scanned with them has no verdict.
  private static let crash = "kill -SEGV $$"

  init() throws {
    for name in ["a.mp4", "b.mp4"] { try videos.makeOldClip(name) }
  }

  private func scan(decoder: String = #"exec "$ASSAY" "$@""#, _ more: String...) throws -> ExternalProgram.Result {
    try AssayProgram.run(["scan", videos.path, "-o", out, "-q"] + more, decoder: decoder, keptIn: output)
  }

  private func verdicts() throws -> [Verdict] {
    try AssayProgram.manifest(in: out).videos.map(\.finding.verdict)
  }

  @Test("scans new and changed files, and lists the others with their earlier rows")
  func incremental() throws {
    #expect(try scan().code == 0)
    let first = try AssayProgram.manifest(in: out).videos
    #expect(try scan(decoder: Self.crash).code == 0)
    #expect(try AssayProgram.manifest(in: out).videos == first)

    try videos.makeOldClip("c.mp4")
    #expect(try scan(decoder: Self.crash).code == 3)
    #expect(try verdicts() == [.noFace, .noFace, .failed])
    try videos.setModified("a.mp4", "2020-02-02")
    #expect(try scan(decoder: Self.crash).code == 3)
    #expect(try verdicts() == [.failed, .noFace, .failed])
    #expect(try scan().code == 0)
    #expect(try verdicts() == [.noFace, .noFace, .noFace])
  }

  @Test("other settings require a new scan, the original ones do not")
  func settings() throws {
    #expect(try scan().code == 0)
    #expect(try scan("--frames", "3").code == 0)
    #expect(try AssayProgram.manifest(in: out).videos.map(\.content.frames.asked) == [3, 3])
    #expect(try scan(decoder: Self.crash).code == 0)
    #expect(try AssayProgram.manifest(in: out).videos.map(\.content.frames.asked) == [16, 16])
  }

  @Test("--rescan scans all; --since keeps rows of older files and omits unknown ones; --limit counts new ones")
  func choices() throws {
    #expect(try scan("--limit", "1").code == 0)
    #expect(try verdicts() == [.noFace])
    #expect(try scan("--since", "2021-01-01").code == 0)
    #expect(try verdicts() == [.noFace])
    #expect(try scan("--limit", "1").code == 0)
    #expect(try verdicts() == [.noFace, .noFace])
    #expect(try scan(decoder: Self.crash, "--rescan").code == 3)
    #expect(try verdicts() == [.failed, .failed])
    #expect(try scan("--since", "yesterday").code == 64)
  }

  @Test("a file that is newer than its scan is scanned again")
  func racy() throws {
    // By its date: the scan of a file that was just made may begin seconds later on a busy machine.
    try videos.setModified("b.mp4", "2099-01-01")
    #expect(try scan().code == 0)
    #expect(try scan(decoder: Self.crash).code == 3)
    #expect(try verdicts() == [.noFace, .failed])
  }

  @Test("a folder that is suddenly empty or missing is an error, unless declared intentional")
  func emptied() throws {
    #expect(try scan().code == 0)
    let before = try AssayProgram.manifest(in: out)
    for name in ["a.mp4", "b.mp4"] { try FileManager.default.removeItem(atPath: videos.path(name)) }
    let result = try scan()
    #expect(result.code == 2 && result.output.contains("is it mounted"), "\(result.output)")
    #expect(try AssayProgram.manifest(in: out) == before)
    #expect(try scan("--allow-empty").code == 0)
    #expect(try verdicts() == [])
    #expect(try scan().code == 0)
  }

  @Test("a folder with an unreachable path does not count as deleted")
  func unmounted() throws {
    let folder = output.path("mount")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: videos.path("a.mp4"), toPath: folder + "/a.mp4")
    #expect(try AssayProgram.run("scan", folder, "-o", out, "-q").code == 0)
    try FileManager.default.removeItem(atPath: folder)
    #expect(try AssayProgram.run("scan", folder, "-o", out, "-q").code == 64)
    #expect(try AssayProgram.manifest(in: out).videos.count == 1)
  }

  @Test("two runs cannot share a ledger, even with different outputs")
  func oneRunPerLedger() throws {
    let ledger = output.path("ledger.sqlite")
    let descriptor = open(ledger + ".lock", O_CREAT | O_RDWR, 0o644)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let result = try scan("--ledger", ledger)
    #expect(result.code == 75 && result.output.contains("--ledger"))
    #expect(flock(descriptor, LOCK_UN) == 0)
    #expect(try scan("--ledger", ledger).code == 0)
    #expect(try AssayProgram.run("scan", videos.path, "-o", output.path("other"), "-q", "--ledger", ledger).code == 0)
  }
}

extension ScratchFolder {
  /// A clip whose ledger entry is trusted: it is older than any scan.
  func makeOldClip(_ name: String, seconds: Double = 0.4) throws {
    try makeClip(name, seconds: seconds)
    try setModified(name, "2020-01-01")
  }

  /// A copy that is as old.
  func copy(_ name: String, to other: String) throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
    try FileManager.default.copyItem(atPath: path(name), toPath: path(other))
    try FileManager.default.setAttributes(
      [.modificationDate: attributes[.modificationDate] ?? Date()], ofItemAtPath: path(other))
  }

  func setModified(_ name: String, _ day: String) throws {
    let result = try ExternalProgram.run(["touch", "-d", day, path(name)])
    guard result.code == 0 else { throw ClipError(output: result.output) }
  }
}
