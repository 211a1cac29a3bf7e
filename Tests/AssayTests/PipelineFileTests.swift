import ArgumentParser
import Decoder
import Foundation
import TestSupport
import Testing

@testable import assay

@Suite("Pipeline file")
struct PipelineFileTests {
  private func arguments(_ yaml: String, given: Set<String> = []) throws -> [String] {
    try PipelineFile.arguments(in: yaml, path: "night.yaml", command: Scan.self, given: given)
  }

  @Test("keys become the command's own options; sections of other commands are ignored")
  func keys() throws {
    let yaml = "scan:\n  frames: 8\n  quiet: true\n  json: false\n  fail-on: [fake, undecided]\ntrain:\n  epochs: 3\n"
    #expect(try arguments(yaml) == ["--frames=8", "--quiet", "--fail-on=fake", "--fail-on=undecided"])
  }

  @Test(
    "the files of this repository are valid",
    arguments: [
      ("red-team", AttackCommand.self), ("hardened", Train.self), ("builtin", Train.self), ("builtin", Crops.self),
      ("nightly", Scan.self), ("gan", GANTrain.self),
    ] as [(String, any ParsableCommand.Type)])
  func own(_ name: String, _ command: any ParsableCommand.Type) throws {
    let path = URL(filePath: #filePath).appending(path: "../../../pipelines/\(name).yaml").standardized.path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let arguments = try PipelineFile.arguments(in: text, path: path, command: command)
    #expect(!arguments.isEmpty)
    let inputs = command == AttackCommand.self ? ["model", "crops"] : ["input"]
    _ = try command.parse(arguments + inputs + ["-o", "out"])
  }

  @Test("a subcommand is named by both words, in the file and before --pipeline")
  func families() throws {
    let yaml = "gan train:\n  steps: 7\n  mirrors: true\ngan sample:\n  count: 3\n"
    let path = ScratchFolder()
    try path.write(yaml, to: "faces.yaml")
    let file = path.path("faces.yaml")
    #expect(
      try PipelineFile.arguments(in: yaml, path: file, command: GANTrain.self) == ["--steps=7", "--mirrors"])
    #expect(
      try PipelineFile.expand(["gan", "sample", "model", "--pipeline", file, "-o", "out"], for: Assay.self)
        == ["gan", "sample", "--count=3", "model", "-o", "out"])
    #expect(throws: ValidationError.self) {
      try PipelineFile.expand(["gan", "--pipeline", file], for: Assay.self)
    }
    #expect(throws: ValidationError.self) {
      try PipelineFile.arguments(in: "gan:\n  steps: 7\n", path: file, command: GANTrain.self)
    }
  }

  @Test("shared options are keys and flags of each command, including nested groups")
  func shared() throws {
    let yaml = "attack:\n  detector: hog\n  quiet: true\ngan train:\n  resume: true\n  workers: 4\n  name: faces\n"
    func settings(_ command: any ParsableCommand.Type) throws -> [String] {
      try PipelineFile.arguments(in: yaml, path: "a.yaml", command: command)
    }
    #expect(try settings(AttackCommand.self) == ["--detector=hog", "--quiet"])
    #expect(try settings(GANTrain.self) == ["--resume", "--workers=4", "--name=faces"])
    let train = try #require(
      try Assay.parseAsRoot(["gan", "train", "crops", "-o", "a/faces.model", "--workers", "4", "-q"]) as? GANTrain)
    #expect(train.written.output == "a/faces.model" && train.written.modelName == "faces")
    #expect(train.trainer.workers == 4 && !train.trainer.resume && train.common.quiet)
    let attack = try #require(
      try Assay.parseAsRoot(["attack", "a.mp4", "--write", "out", "--faces", "whole-frame"]) as? AttackCommand)
    #expect(attack.videos.search.faces == .wholeFrame && !attack.common.quiet)
    // A group's ranges are looked at before the command divides by what is in it.
    #expect(throws: (any Error).self) { try Assay.parseAsRoot(["train", "crops", "-o", "m", "--workers", "0"]) }
  }

  @Test("the command line overrides the file")
  func precedence() throws {
    #expect(try arguments("scan:\n  frames: 8\n  batch: 4\n", given: ["--frames"]) == ["--batch=4"])
  }

  @Test(
    "mistakes name the file, the line and the key",
    arguments: [
      ("scan:\n  frames: 8\n  framse: 9\n", "night.yaml:3: 'framse' is not a setting of 'scan'"),
      ("scna:\n  frames: 8\n", "night.yaml:1: 'scna' is not a command"),
      ("scan:\n  quiet: 7\n", "night.yaml:2: 'quiet' is a switch"),
      ("scan: 5\n", "night.yaml:1: 'scan' must hold keys and values"),
      ("scan: [\n", "night.yaml is not valid YAML"),
      ("scan:\n  pipeline: other\n", "night.yaml:2: 'pipeline' is not a setting"),
    ])
  func mistakes(yaml: String, message: String) {
    let error = #expect(throws: ValidationError.self) { try arguments(yaml) }
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "no error")")
  }
}
