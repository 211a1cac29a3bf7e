import Foundation
import TestSupport
import Testing
import Verdicts

@testable import Imaging

@Suite("assay scan with a network detector", .heavy)
struct YuNetScanTests {
  private let output = ScratchFolder()

  private static let model: String? = {
    let path = SharedData.folder.map { $0 + "/models/yunet_n_dynamic.onnx" }
    return path.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
  }()

  @Test(
    "finds the face where the standard detector finds it",
    .enabled(if: model != nil, "there is no YuNet model beside the package"))
  func agrees() throws {
    let model = try #require(Self.model)
    let films = try output.draw("calm.mp4", "portrait.mp4", into: "films")
    let common = ["--frames", "4", "-q"]
    let (standard, yunet) = (output.path("standard"), output.path("yunet"))
    #expect(try AssayProgram.run(["scan", films, "-o", standard] + common).code == 0)
    let arguments = ["scan", films, "-o", yunet, "--detector", "yunet", "--detector-model", model] + common
    let result = try AssayProgram.run(arguments)
    #expect(result.code == 0, "\(result.output)")
    let (first, second) = (try AssayProgram.manifest(in: standard), try AssayProgram.manifest(in: yunet))
    #expect(second.run.context.detector.hasPrefix("yunet-"))
    try #require(first.videos.count == 2 && second.videos.count == 2)
    for (a, b) in zip(first.videos, second.videos) {
      let one = try #require(a.finding.tracks.first?.boxes.first?.box)
      let other = try #require(b.finding.tracks.first?.boxes.first?.box)
      let distance = one.x + one.width / 2 - other.x - other.width / 2
      #expect(abs(distance) < 0.25 * one.width)
      #expect((0.75...1.33).contains(one.width / other.width))
    }
  }

  @Test("a file that is no detector is said so before any work")
  func wrongFile() throws {
    try output.write("no network", to: "wrong.onnx")
    let result = try AssayProgram.run(
      "scan", output.path, "-o", output.path("out"), "--detector", "yunet", "--detector-model",
      output.path("wrong.onnx"))
    #expect(result.code == 2)
    #expect(result.output.contains("wrong.onnx"))
    let without = try AssayProgram.run("scan", output.path, "--detector", "yunet")
    #expect(without.code == 64)
  }
}
