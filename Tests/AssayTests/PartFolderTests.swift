import Foundation
import TestSupport
import Testing

/// Data that is divided into train and test by its folders.
@Suite("Folders train and test", .heavy)
struct PartFolderTests {
  private let work = ScratchFolder()

  private func run(_ command: String) throws -> ExternalProgram.Result {
    try ExternalProgram.run(["-C", work.path, AssayProgram.path] + command.split(separator: " ").map(String.init))
  }

  private func makePictures(_ count: Int, in folder: String, colour: String) throws {
    try FileManager.default.createDirectory(atPath: work.path(folder), withIntermediateDirectories: true)
    let made = try ExternalProgram.run([
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i",
      "color=c=\(colour):size=48x48:rate=\(count):duration=1,noise=alls=20:allf=t", "-frames:v", "\(count)",
      work.path("\(folder)/%02d.png"),
    ])
    try #require(made.code == 0, "\(made.output)")
  }

  @Test("keep their parts, which are counted before training")
  func parts() throws {
    for (label, colour) in [("real", "0x505050"), ("fake", "0xC0C0C0")] {
      try makePictures(40, in: "data/train/\(label)", colour: colour)
      // More than a fifth: nothing of train joins it, and nothing of it joins train.
      try makePictures(4, in: "data/test/\(label)", colour: colour)
    }
    let crops = try run("crops data -o crops -q --faces whole-frame --size 48")
    try #require(crops.code == 0, "\(crops.output)")
    let trained = try run(
      "train crops -o m.safetensors --widths 4,4,8,8 --hidden 8 --dropout 0 --augmentation 0 --batch 8 --epochs 4 "
        + "--learning-rate 0.01")
    #expect(trained.code == 0, "\(trained.output)")
    let lines = trained.output.split(whereSeparator: \.isNewline)
    // The same number in both classes is one source.
    for line in [
      "training: 60 crops (30 fake) of 30 sources", "validation: 20 crops (10 fake) of 10 sources",
      "test (not read): 8 crops (4 fake) of 4 sources", "the data prescribes the part of 8 crops",
    ] {
      #expect(lines.contains { $0 == line }, "\(line) in \(trained.output)")
    }
  }

  @Test("a part without a class is counted, and the ways out are named")
  func lacking() throws {
    try makePictures(10, in: "data/train/real", colour: "0x505050")
    try makePictures(10, in: "data/test/fake", colour: "0xC0C0C0")
    try #require(try run("crops data -o crops -q --faces whole-frame --size 48").code == 0)
    let trained = try run("train crops -o m.safetensors -q")
    #expect(trained.code == 2)
    #expect(trained.output.contains("(0 fake) of"), "\(trained.output)")
    for word in ["--split-fractions", "--split,", "the parts that the data set prescribes"] {
      #expect(trained.output.contains(word), "\(trained.output)")
    }
  }
}
