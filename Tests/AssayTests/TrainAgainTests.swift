import Foundation
import TestSupport
import Testing

/// What becomes of a model or a checkpoint that is at the output of a training already.
@Suite("Training again", .heavy)
struct TrainAgainTests {
  private let work = ScratchFolder()

  init() throws {
    for (label, colour) in [("real", "0x505050"), ("fake", "0xC0C0C0")] {
      try FileManager.default.createDirectory(
        atPath: work.path("pictures/\(label)"), withIntermediateDirectories: true)
      let made = try ExternalProgram.run([
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i",
        "color=c=\(colour):size=48x48:rate=40:duration=1,noise=alls=20:allf=t", "-frames:v", "40",
        work.path("pictures/\(label)/\(label)%02d.png"),
      ])
      try #require(made.code == 0, "\(made.output)")
    }
    let crops = try run("crops pictures -o crops -q --faces whole-frame --size 48")
    try #require(crops.code == 0, "\(crops.output)")
  }

  private static let train =
    "train crops -o m.safetensors --widths 4,4,8,8 --hidden 8 --dropout 0 --augmentation 0 --learning-rate 0.01 --batch 8 "
    + "--epochs "

  private func run(_ command: String) throws -> ExternalProgram.Result {
    try ExternalProgram.run(["-C", work.path, AssayProgram.path] + command.split(separator: " ").map { String($0) })
  }

  private func model(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: work.path(name))) }

  @Test("a finished model is kept, a difference in settings is named, --overwrite starts over")
  func finished() throws {
    let first = try run(Self.train + "3")
    #expect(first.code == 0, "\(first.output)")
    let made = try model("m.safetensors")
    let again = try run(Self.train + "3")
    #expect(again.code == 0 && again.output.contains("was trained with these settings already"), "\(again.output)")
    let other = try run(Self.train + "4")
    #expect(other.code == 2 && other.output.contains("--epochs is 3 there and 4 here"), "\(other.output)")
    #expect(try model("m.safetensors") == made)
    #expect(try run(Self.train + "4 --overwrite").code == 0)
    #expect(try model("m.safetensors") != made)
    try work.write("a letter", to: "m.safetensors")
    #expect(try run(Self.train + "4").code == 2)
    #expect(try work.text("m.safetensors") == "a letter")
  }

  /// Starts a training of many epochs and ends it after one that is not logged yet.
  private func interrupted(after epochs: Int) throws -> String {
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(filePath: AssayProgram.path)
    process.currentDirectoryURL = URL(filePath: work.path)
    process.arguments = (Self.train + "5000").split(separator: " ").map { String($0) }
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    // Against a hang only.
    let end = ContinuousClock.now + .seconds(600)
    while process.isRunning, logged() <= epochs, ContinuousClock.now < end { usleep(20_000) }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    return String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }

  private func logged() -> Int {
    (try? work.text("m.safetensors.log.csv").split(whereSeparator: \.isNewline).count - 1) ?? 0
  }

  @Test("the same command goes on from a checkpoint, and another does not delete it")
  func unfinished() throws {
    #expect(try !interrupted(after: 0).contains("resuming"))
    let before = logged()
    let other = try run(Self.train + "4999")
    #expect(other.code == 2 && other.output.contains("--epochs is 5000 there and 4999 here"), "\(other.output)")
    #expect(try interrupted(after: before).contains("resuming from m.safetensors.checkpoint"))
    #expect(logged() > before)
    #expect(!FileManager.default.fileExists(atPath: work.path("m.safetensors")))
  }

  @Test("a generator goes on too, to more steps if they are asked for")
  func generator() throws {
    let train = "gan train crops -o g.safetensors --size 16 --latent 8 --batch 4 --look-every 2 "
    #expect(try run(train + "--width 4 --steps 2").code == 0)
    let made = try model("g.safetensors")
    let other = try run(train + "--width 8 --steps 2")
    #expect(other.code == 2 && other.output.contains("--width is 4 there and 8 here"), "\(other.output)")
    #expect(try model("g.safetensors") == made)
    let more = try run(train + "--width 4 --steps 4")
    #expect(more.code == 0 && more.output.contains("resuming from g.safetensors.checkpoint"), "\(more.output)")
    #expect(try run(train + "--width 8 --steps 2 --overwrite").code == 0)
  }
}
