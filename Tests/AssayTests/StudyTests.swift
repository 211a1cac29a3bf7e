import ArgumentParser
import Foundation
import Studies
import TestSupport
import Testing

@testable import assay

@Suite("assay study", .heavy)
struct StudyCommandTests {
  private static let yaml = "study: paper\nsmall:\n  epochs: 6\n  epsilons: [1/255, 2/255]\nfull:\n  epochs: 50\n"

  private static func folder(_ name: String) -> String {
    URL(filePath: #filePath).appending(path: "../../../pipelines/\(name)").standardized.path
  }

  @Test("a file provides the settings of the requested scale")
  func file() throws {
    let small = try StudyFile(text: Self.yaml, path: "paper.yaml", scale: .small)
    #expect(small.study == "paper")
    #expect(small.settings == StudySettings(["epochs": ["6"], "epsilons": ["1/255", "2/255"]]))
    #expect(try StudyFile(text: Self.yaml, path: "paper.yaml", scale: .full).settings.values == ["epochs": ["50"]])
  }

  @Test(
    "mistakes name the file, the line and the key",
    arguments: [
      (
        "study: paper\nsmall:\n  epochs: 6\n  epoch: 7\n", "paper.yaml:4: 'epoch' is not a setting of the study 'paper'"
      ),
      ("small:\n  epochs: 6\n", "paper.yaml names no study: add 'study: NAME'"),
      ("study: papers\nsmall:\n  epochs: 6\n", "paper.yaml: unknown study 'papers'; expected paper, norms"),
      ("study: paper\nsmal:\n  epochs: 6\n", "paper.yaml:2: 'smal' is neither"),
      ("study: paper\nfull:\n  epochs: 6\n", "paper.yaml has no section 'small'"),
      ("study: paper\nsmall:\n  epochs: {a: b}\n", "paper.yaml:3: 'epochs' needs plain values"),
      ("study: [\n", "paper.yaml is not valid YAML"),
    ])
  func mistakes(yaml: String, message: String) {
    let error = #expect(throws: ValidationError.self) {
      try StudyFile(text: yaml, path: "paper.yaml", scale: .small)
    }
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "no error")")
  }

  @Test("the files of this repository give each setting for both scales", arguments: StudyCatalog.names)
  func own(_ name: String) throws {
    let path = Self.folder("studies/\(name).yaml")
    for scale in StudyScale.allCases {
      let file = try StudyFile(path, scale: scale)
      #expect(file.study == name)
      #expect(Set(file.settings.values.keys) == Set(StudyCatalog.settings(of: name) ?? []), "\(scale)")
    }
  }

  @Test("the studies are listed, as a table and as JSON")
  func list() throws {
    let table = try AssayProgram.run("study", "list")
    #expect(table.code == 0 && StudyCatalog.names.allSatisfy(table.output.contains))
    let json = try AssayProgram.run("study", "list", "--json")
    #expect(json.output.contains("\"question\""))
    #expect(try AssayProgram.run("study", "paper", "crops").output.contains("-o DIR"))
  }

  @Test("pictures of two classes are split, learned and perturbed; a killed run resumes")
  func pictures() throws {
    let folder = ScratchFolder()
    for (name, brightness) in [("NORMAL", "0x505050"), ("PNEUMONIA", "0xA0A0A0")] {
      try FileManager.default.createDirectory(
        atPath: folder.path("scans/train/\(name)"), withIntermediateDirectories: true)
      let made = try ExternalProgram.run([
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i",
        "color=c=\(brightness):size=64x48:rate=24:duration=1,noise=alls=20:allf=t", "-frames:v", "24",
        folder.path("scans/train/\(name)/\(name)%02d.png"),
      ])
      try #require(made.code == 0, "\(made.output)")
    }
    let yaml = """
      study: paper
      small:
        size: 32
        widths: [4, 4, 4, 4]
        hidden: 4
        dropout: 0.1
        epochs: 4
        batch: 8
        learning-rate: 0.01
        augmentation: 0.1
        runs: 3
        attacks: [fgsm]
        epsilons: [0.5]
        steps: 1
        perturbed: 3
      """
    try folder.write(yaml, to: "tiny.yaml")
    let (out, log) = (folder.path("out"), folder.path("out/cells.jsonl"))
    let arguments = ["study", folder.path("tiny.yaml"), folder.path("scans"), "-o", out, "-q"]
    let process = Process()
    process.executableURL = URL(filePath: AssayProgram.path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    while process.isRunning, (try? folder.text("out/cells.jsonl"))?.contains("\n") != true { usleep(2000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let before = try folder.text("out/cells.jsonl")
    #expect(FileManager.default.fileExists(atPath: log) && before.contains("\n"))

    let result = try AssayProgram.run(arguments)
    #expect(result.code == 0, "\(result.output)")
    #expect(result.output.contains("PNEUMONIA") && result.output.contains("pictures of"))
    let after = try folder.text("out/cells.jsonl")
    let whole = before[...(before.lastIndex(of: "\n") ?? before.startIndex)]
    #expect(after.hasPrefix(whole) && after.split(separator: "\n").count == 4)
    #expect(try folder.text("out/index.html").contains("counts as its own source"))

    let refused = try AssayProgram.run(arguments + ["--set", "epochs=5"])
    #expect(refused.code == 2 && refused.output.contains("epochs was 4, is 5"))
    let other = try AssayProgram.run("study", folder.path("tiny.yaml"), out, "-o", folder.path("other"))
    #expect(other.code == 2)
  }
}
