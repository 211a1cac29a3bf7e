import Foundation
import TestSupport
import Testing
import Verdicts

/// The help of every command, and what the program prints for people and for programs.
@Suite("Help and output", .heavy)
struct HelpTests {
  private static let commands =
    [
      "scan", "plan", "merge", "export", "verify", "compare", "history", "crops", "train", "evaluate", "label-faces",
      "train-faces",
    ]
    + ["compare-faces", "attack", "gan train", "gan sample", "gan evaluate", "study", "report", "model list"]
    + ["model show", "model import", "model export", "model ensemble", "model average", "pipelines", "doctor"]

  @Test("gives an example of each command, and its daily options first", arguments: commands)
  func help(command: String) throws {
    let text = try AssayProgram.run(command.split(separator: " ").map(String.init) + ["--help"]).output
    let joined = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(joined.contains(#/Examples?: assay /#) && joined.contains("assay \(command)"), "\(text)")
    guard ["scan", "evaluate", "train", "attack"].contains(command) else { return }
    let titles = text.split(separator: "\n").filter { $0.hasSuffix(":") && $0 == $0.uppercased() }
    #expect(titles.first { $0 != "ARGUMENTS:" } == "MOST USED:", "\(titles)")
  }

  @Test("a mistake in a settings file shows the usage of its command")
  func pipelineUsage() throws {
    let work = ScratchFolder()
    try work.write("scan:\n  colour: blue\n", to: "mine.yaml")
    let result = try AssayProgram.run("scan", "x", "--pipeline", work.path("mine.yaml"))
    #expect(result.code == 64)
    #expect(result.output.contains("mine.yaml:2: 'colour' is not a setting"), "\(result.output)")
    #expect(result.output.contains("USAGE: assay scan "), "\(result.output)")
  }

  @Test(
    "wrong values are wrong usage",
    arguments: [
      "scan . --perturb magic --epsilon 8/255", "scan . --defence magic", "scan . --frames 0",
      "evaluate standard . --part none", "model show magic", "train . -o m --network magic",
    ])
  func wrongValues(command: String) throws {
    let work = ScratchFolder()
    try work.makeClip("clip.mp4", seconds: 0.2)
    let result = try ExternalProgram.run(
      ["-C", work.path, AssayProgram.path] + command.split(separator: " ").map(String.init))
    // Without a crop set a training cannot begin, whatever the network.
    #expect(result.code == (command.hasPrefix("train") ? 2 : 64), "\(command): \(result.code) \(result.output)")
  }

  @Test(
    "a misspelt command is named with the nearest one", arguments: [["scann", "."], ["help", "scna"], ["frobnicate"]])
  func unknownCommand(words: [String]) throws {
    let result = try AssayProgram.run(words)
    #expect(
      result.code == 64
        && result.output.contains("there is no command '\(words.last == "." ? words[0] : words[words.count - 1])'"),
      "\(result.output)")
    #expect(result.output.contains("did you mean assay scan?") == (words[0] != "frobnicate"), "\(result.output)")
  }

  @Test("options that mean nothing alone, several values in one --set, and names of studies are explained")
  func explained() throws {
    let work = ScratchFolder()
    try work.makeClip("clip.mp4", seconds: 0.2)
    for (command, words) in [
      ("train . -o m --epsilon 2/255", "--epsilon needs --adversarial"),
      ("train . -o m --kernel-copies 2", "--kernel-copies needs --kernel"),
      ("evaluate standard . --reviews 5", "--reviews needs --prevalence"),
      ("study normz . -o out", "scaling"),
      ("train . -o m", "make one with assay crops"),
    ] {
      let result = try ExternalProgram.run(
        ["-C", work.path, AssayProgram.path] + command.split(separator: " ").map(String.init))
      #expect(result.code != 0 && result.output.contains(words), "\(command): \(result.output)")
    }
  }

  @Test("in a pipe nothing is cut, whatever COLUMNS says")
  func pipe() throws {
    let work = ScratchFolder()
    let name = String(repeating: "long", count: 20) + ".mp4"
    try work.makeClip(name, seconds: 0.2)
    let result = try ExternalProgram.run([
      "COLUMNS=60", AssayProgram.path, "scan", work.path, "-o", work.path("out"), "--faces", "whole-frame", "--frames",
      "1",
    ])
    #expect(result.output.contains(name), "\(result.output)")
  }

  @Test("--json prints rows, --json-header the header before them; an empty folder is said to be empty")
  func json() throws {
    let work = ScratchFolder()
    try work.makeClip("clip.mp4", seconds: 0.2)
    let scan = ["scan", work.path("clip.mp4"), "-o", work.path("out")]
    let rows = try AssayProgram.run(scan + ["--json"]).output.split(separator: "\n")
    #expect(rows.count == 1)
    #expect(try JSONDecoder().decode(VideoRecord.self, from: Data(rows[0].utf8)).finding.verdict == .noFace)
    let both = try AssayProgram.run(scan + ["--json", "--json-header"]).output.split(separator: "\n")
    #expect(both.count == 2 && both[1] == rows[0])
    #expect(try JSONDecoder().decode(RunHeader.self, from: Data(both[0].utf8)).counts.videos == 1)
    try FileManager.default.createDirectory(atPath: work.path("empty"), withIntermediateDirectories: true)
    let empty = try AssayProgram.run("scan", work.path("empty"), "-o", work.path("none"))
    #expect(empty.code == 0 && empty.output.contains("the inputs hold no files"), "\(empty.output)")
  }

  @Test("an attack's result is in the table, and the price of slow options is announced; tables in pipes are not cut")
  func perturbed() throws {
    let work = ScratchFolder()
    _ = try work.draw("swapped.mp4", into: "clips")
    let result = try ExternalProgram.run(
      ["COLUMNS=", AssayProgram.path]
        + AssayProgram.patient([
          "scan", work.path("clips"), "-o", work.path("out"), "--frames", "2", "--perturb", "fgsm", "--epsilon",
          "8/255",
          "--recompress", "--margin", "--threshold", "0.99",
        ]))
    #expect(result.code == 0, "\(result.output)")
    #expect(result.output.contains(#/under fgsm linf 8\/255: 0\.\d{3} → 0\.\d{3}, /#), "\(result.output)")
    #expect(result.output.contains("note: --margin attacks") && result.output.contains("note: --recompress encodes"))
    #expect(!result.output.contains("…"), "\(result.output)")
  }
}
