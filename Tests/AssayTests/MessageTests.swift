import Foundation
import TestSupport
import Testing

/// What every command says about a file that it cannot use.
@Suite("Messages about files", .heavy)
struct MessageTests {
  private enum Fault: String, CaseIterable {
    case missing, folder, garbage, unreadable
  }

  private struct Case {
    /// `FILE` stands for the path of the file.
    let command: String
    var code: Int32 = 2
    var faults = Fault.allCases
    /// Whether the file is what the command is about: one that is missing is wrong usage.
    var isInput = false

    var arguments: [String] { command.split(separator: " ").map { String($0) } }
  }

  private static let studies = URL(filePath: #filePath).appending(path: "../../../pipelines/studies").standardized.path

  private static let cases = [
    Case(command: "scan clip.mp4 -o OUT --model FILE", isInput: true),
    Case(command: "scan clip.mp4 -o OUT --second-opinion FILE", isInput: true),
    Case(command: "scan clip.mp4 -o OUT --detect-perturbed FILE"),
    Case(command: "scan clip.mp4 -o OUT --detector yunet --detector-model FILE"),
    Case(command: "scan clip.mp4 -o OUT --canaries FILE"),
    Case(command: "scan clip.mp4 -o OUT --ledger FILE"),
    Case(command: "scan clip.mp4 -o FILE/out", faults: [.garbage, .unreadable]),
    Case(command: "scan clip.mp4 -o OUT --pipeline FILE", code: 64),
    Case(command: "scan -o OUT --files-from FILE", faults: [.missing, .folder, .unreadable]),
    Case(command: "scan -o OUT --plan FILE --shard 0"),
    // A file that is named is planned, whatever it is: the scan gives it a row.
    Case(command: "plan FILE -o OUT --shards 1", faults: [.folder]),
    Case(command: "merge FILE parts -o OUT", isInput: true),
    Case(command: "merge plan FILE -o OUT", isInput: true),
    Case(command: "export FILE", isInput: true),
    // Any text can be a secret.
    Case(
      command: "export run --secret-file FILE --url http://127.0.0.1:1/", faults: [.missing, .folder, .unreadable]),
    Case(command: "verify FILE", isInput: true),
    Case(command: "verify run --model FILE", isInput: true),
    Case(command: "report FILE", isInput: true),
    // It lists what is missing beside its other findings.
    Case(command: "doctor --model FILE"),
    Case(command: "doctor --detector-model FILE"),
    Case(command: "crops FILE -o OUT", isInput: true),
    Case(command: "crops pictures -o OUT --detector yunet --detector-model FILE"),
    Case(command: "train FILE -o OUT", isInput: true),
    Case(command: "train crops -o OUT --from FILE", isInput: true),
    Case(command: "train crops -o OUT --split FILE"),
    Case(command: "train crops -o OUT --gan FILE"),
    Case(command: "train crops -o OUT --ensemble-with FILE"),
    Case(command: "evaluate FILE crops", isInput: true),
    Case(command: "evaluate hardened FILE", isInput: true),
    Case(command: "evaluate hardened crops --split FILE"),
    Case(command: "attack FILE crops -o OUT", isInput: true),
    Case(command: "attack hardened FILE -o OUT", isInput: true),
    Case(command: "attack hardened crops -o OUT --split FILE"),
    Case(command: "attack clip.mp4 --write OUT --model FILE", isInput: true),
    Case(command: "gan train FILE -o OUT", isInput: true),
    Case(command: "gan train crops -o OUT --size 16 --split FILE"),
    Case(command: "gan sample FILE -o OUT", isInput: true),
    Case(command: "gan evaluate FILE crops", isInput: true),
    Case(command: "gan evaluate generator FILE", isInput: true),
    Case(command: "gan evaluate generator crops --split FILE"),
    Case(command: "study \(studies)/paper.yaml FILE -o OUT", isInput: true),
    Case(command: "study \(studies)/paper.yaml crops -o OUT --split FILE"),
    Case(command: "study \(studies)/sampling.yaml videos.csv -o OUT --models FILE"),
    Case(command: "study FILE crops -o OUT", code: 64),
    Case(command: "model show FILE"),
    Case(command: "model import FILE -o OUT", isInput: true),
    Case(command: "model import FILE --network paper-cnn -o OUT", isInput: true),
    Case(command: "model export FILE -o OUT", isInput: true),
    Case(command: "model ensemble FILE hardened -o OUT", isInput: true),
  ]

  /// Makes what the commands read beside the file.
  private func prepare(_ work: ScratchFolder) throws {
    try work.makeClip("clip.mp4", seconds: 0.2)
    for (label, colour) in [("real", "0x505050"), ("fake", "0xC0C0C0")] {
      try FileManager.default.createDirectory(
        atPath: work.path("pictures/\(label)"), withIntermediateDirectories: true)
      let made = try ExternalProgram.run([
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i",
        "color=c=\(colour):size=64x64:rate=16:duration=1,noise=alls=20:allf=t", "-frames:v", "16",
        work.path("pictures/\(label)/\(label)%02d.png"),
      ])
      try #require(made.code == 0, "\(made.output)")
    }
    try work.write("path,label,group\nclip.mp4,real,a\n", to: "videos.csv")
    try work.write(String(repeating: "\u{1}not what it should be\n", count: 100), to: "garbage.bin")
    for folder in ["parts", "folder.d"] {
      try FileManager.default.createDirectory(atPath: work.path(folder), withIntermediateDirectories: false)
    }
    for command in [
      "scan clip.mp4 -o run -q --faces whole-frame --frames 1",
      "plan clip.mp4 -o plan --shards 1",
      "crops pictures -o crops -q --faces whole-frame --size 256",
      "gan train crops -o generator -q --size 16 --width 4 --latent 8 --steps 2 --batch 4 --look-every 2",
    ] {
      let result = try run(command.split(separator: " ").map { String($0) }, in: work)
      try #require(result.code == 0, "\(command): \(result.output)")
    }
  }

  private func run(_ arguments: [String], in work: ScratchFolder) throws -> ExternalProgram.Result {
    try ExternalProgram.run(["-C", work.path, AssayProgram.path] + arguments)
  }

  private func path(_ fault: Fault) -> String {
    switch fault {
    case .missing: "nowhere/file.bin"
    case .folder: "folder.d"
    case .garbage: "garbage.bin"
    // It can be opened, and its first byte cannot be read, also by root.
    case .unreadable: "/proc/self/mem"
    }
  }

  @Test("name the file, exit with the documented code, and show no Foundation error")
  func everyCommand() throws {
    let work = ScratchFolder()
    try prepare(work)
    for item in Self.cases {
      for fault in item.faults {
        let file = path(fault)
        // What an earlier command left, if it left anything.
        _ = try? FileManager.default.removeItem(atPath: work.path("OUT"))
        let result = try run(item.arguments.map { $0.replacing("FILE", with: file) }, in: work)
        let context: Comment = "\(item.command), \(fault): \(result.code) \(result.output)"
        #expect(result.code == (item.isInput && fault == .missing ? 64 : item.code), context)
        #expect(result.output.contains(file), context)
        for word in ["NSCocoa", "NSPOSIX", "Error Domain", "Foundation.", "DecodingError", "Fatal error"] {
          #expect(!result.output.contains(word), context)
        }
      }
    }
  }
}
