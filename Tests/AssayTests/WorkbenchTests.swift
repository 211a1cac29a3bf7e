import Foundation
import TestSupport
import Testing
import Verdicts

/// Crop sets, training, evaluation, attacks on crops, generators and model files: each command once, as a program.
@Suite("Commands that make and evaluate models", .heavy)
struct WorkbenchTests {
  private static let videos = 12
  private static let frames = 8
  private static let side = 48
  private static var crops: Int { videos * frames }

  private let work = ScratchFolder()

  /// - Returns: standard output and standard error of a command that must succeed.
  @discardableResult
  private func assay(_ command: String) throws -> String {
    let words = command.split(separator: " ").map { String($0) }
    let result = try ExternalProgram.run(["-C", work.path, AssayProgram.path] + words)
    try #require(result.code == 0, "assay \(command): \(result.output)")
    return result.output
  }

  /// Half a second of a drawn person in twelve brightnesses: the bright ones are called fake.
  private func makeVideos() throws {
    let drawn = try work.draw("calm.mp4", into: "drawn")
    var rows = "path,label,group\n"
    for index in 0..<Self.videos {
      let isFake = !index.isMultiple(of: 2)
      let brightness = (isFake ? 0.3 : -0.1) + (isFake ? 0.01 : -0.01) * Double(index)
      let cut = try ExternalProgram.run([
        "ffmpeg", "-v", "error", "-i", drawn + "/calm.mp4", "-t", "0.5", "-vf",
        "eq=brightness=\(brightness),scale=160:-2",
        "-c:v", "libx264", "-preset", "ultrafast", work.path("\(index).mp4"),
      ])
      try #require(cut.code == 0, "\(cut.output)")
      rows += "\(index).mp4,\(isFake ? "fake" : "real"),\(index)\n"
    }
    try work.write(rows, to: "videos.csv")
  }

  private func makeCrops() throws {
    try makeVideos()
    try assay("crops videos.csv -o crops -q --faces whole-frame --frames \(Self.frames) --size \(Self.side)")
  }

  /// A network that tells bright from dark, of two epochs.
  private func train(_ name: String, _ more: String = "") throws {
    try assay(
      "train crops -o \(name).safetensors --name \(name) -q --widths 4,4,8,8 --hidden 8 --dropout 0 --augmentation 0 "
        + "--learning-rate 0.01 --epochs 2 --batch 8 \(more)")
  }

  private func lines(_ name: String) throws -> [String] {
    try work.text(name).split(whereSeparator: \.isNewline).map { String($0) }
  }

  /// One column of a CSV file without quotes, by its heading.
  private func column(_ heading: String, of name: String) throws -> [String] {
    let rows = try lines(name).map { $0.split(separator: ",", omittingEmptySubsequences: false).map { String($0) } }
    let place = try #require(rows.first?.firstIndex(of: heading), "\(name) has no column \(heading)")
    return rows.dropFirst().map { $0[place] }
  }

  /// Measures a model on all crops.
  ///
  /// - Returns: the raw logit of every crop.
  private func logits(_ model: String) throws -> [Double] {
    try assay("evaluate \(model) crops --part all --resamples 100 -q --scores scores.csv")
    return try column("logit", of: "scores.csv").map { try #require(Double($0)) }
  }

  private func size(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: work.path(name))[.size] as? Int
  }

  @Test("crops takes the files of a folder for videos that scan takes for such")
  func videosByContent() throws {
    try makeVideos()
    try FileManager.default.createDirectory(atPath: work.path("set/real"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: work.path("set/fake"), withIntermediateDirectories: true)
    // Content, not names.
    for (number, name) in ["real/3f9ac0d2", "real/a.mod", "fake/b.upload"].enumerated() {
      try FileManager.default.copyItem(atPath: work.path("\(number).mp4"), toPath: work.path("set/\(name)"))
    }
    for name in ["real/notes.txt", "fake/code.mod", "fake/list"] { try work.write("package main\n", to: "set/\(name)") }
    let output = try assay("crops set -o set-crops -q --faces whole-frame --frames 2 --size \(Self.side)")
    #expect(output.contains("6 crops of 3 files"), "\(output)")
    try assay("scan set -o scanned -q --faces whole-frame --frames 2")
    let scanned = try AssayProgram.manifest(in: work.path("scanned")).videos.map(\.source.path.fileName.text)
    #expect(Set(scanned) == ["3f9ac0d2", "a.mod", "b.upload"])
  }

  @Test("crops, train, evaluate and attack")
  func detector() throws {
    try makeCrops()
    #expect(try lines("crops/index.jsonl").count == Self.crops)
    #expect(try size("crops/pixels.rgb") == Self.crops * Self.side * Self.side * 3)

    try train("tiny")
    #expect(try column("epoch", of: "tiny.safetensors.log.csv") == ["1", "2"])
    #expect(try work.text("tiny.safetensors.curve.svg").contains("<svg"))
    #expect(!FileManager.default.fileExists(atPath: work.path("tiny.safetensors.checkpoint")))
    let card = try assay("model show tiny.safetensors")
    #expect(card.contains("--epochs 2") && card.contains("48×48, whole-frame"), "\(card)")

    let table = try assay(
      "evaluate tiny.safetensors crops --part all --resamples 100 -q --scores scores.csv --report measured")
    #expect(table.contains("\(Self.crops) crops, \(Self.crops / 2) fake, \(Self.videos) sources"), "\(table)")
    #expect(table.contains("AUC                1.000"), "\(table)")
    let labels = try column("label", of: "scores.csv")
    let scores = try column("score", of: "scores.csv").map { try #require(Double($0)) }
    #expect(labels.count == Self.crops)
    #expect(scores.allSatisfy { (0...1).contains($0) })
    func range(_ label: String) -> [Double] { zip(labels, scores).filter { $0.0 == label }.map(\.1).sorted() }
    let (real, fake) = (range("real"), range("fake"))
    #expect(try #require(real.last) < #require(fake.first))
    #expect(try work.text("measured/index.html").contains("<svg"))

    try assay(
      "attack tiny.safetensors crops -o attacked -q --attacks fgsm --linf 0.5/255,64/255 --part all --no-checks")
    #expect(try column("crops", of: "attacked/attack.csv") == ["\(Self.crops)", "\(Self.crops)"])
    #expect(try column("clean_accuracy", of: "attacked/attack.csv") == ["1.000000", "1.000000"])
    let robust = try column("robust_accuracy", of: "attacked/attack.csv").map { try #require(Double($0)) }
    #expect(robust[0] > robust[1], "a hundred times the budget flips more: \(robust)")
    #expect(try work.text("attacked/index.html").contains("fgsm"))
  }

  @Test("model list, export, import and ensemble: the copy has the same logits, the ensemble their mean")
  func models() throws {
    let list = try assay("model list")
    for name in ["standard", "hardened", "paper-cnn", "efficientnet-lite0"] { #expect(list.contains(name)) }

    try makeCrops()
    try train("one")
    try train("two", "--seed 2 --split one.safetensors.split.json")
    let first = try logits("one.safetensors")
    #expect(try lines("one.safetensors.split.json") == lines("two.safetensors.split.json"))

    #expect(try assay("model export one.safetensors -o one.onnx").contains("[N, 3, 48, 48]"))
    try assay(
      "model import one.onnx -o copy.safetensors --input 48 --name copy --mean 0.5,0.5,0.5 --std 0.25,0.25,0.25")
    let copied = try logits("copy.safetensors")
    #expect(copied.count == first.count)
    for (copy, original) in zip(copied, first) { #expect(abs(copy - original) < 1e-4) }

    // The mean of two calibrated copies of a model is its calibrated logit.
    try assay("model ensemble one.safetensors one.safetensors -o same.safetensors")
    try assay("model ensemble one.safetensors two.safetensors -o both.safetensors")
    let same = try logits("same.safetensors")
    let both = try logits("both.safetensors")
    try assay("model ensemble two.safetensors two.safetensors -o other.safetensors")
    let other = try logits("other.safetensors")
    for index in both.indices { #expect(abs(both[index] - (same[index] + other[index]) / 2) < 1e-3) }
  }

  @Test("gan train, sample and evaluate")
  func generator() throws {
    try makeCrops()
    try train("tiny")
    try assay(
      "gan train crops -o faces.safetensors -q --size 16 --width 4 --latent 8 --steps 4 --batch 4 --look-every 2")
    #expect(try column("step", of: "faces.safetensors.log.csv") == ["2", "4"])
    for name in ["000002", "000004"] {
      #expect(FileManager.default.fileExists(atPath: work.path("faces.safetensors.samples/step-\(name).png")))
    }

    try assay("gan sample faces.safetensors -o first -q --count 3 --seed 5")
    try assay("gan sample faces.safetensors -o second -q --count 3 --seed 5")
    try assay("gan sample faces.safetensors -o third -q --count 3 --seed 6")
    let names = ["000000.png", "000001.png", "000002.png", "sheet.png"]
    #expect(try FileManager.default.contentsOfDirectory(atPath: work.path("first")).sorted() == names)
    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: work.path(name))) }
    for name in names {
      #expect(try bytes("first/" + name).starts(with: [0x89, 0x50, 0x4E, 0x47]))
      #expect(try bytes("first/" + name) == bytes("second/" + name), "the same seed")
      #expect(try bytes("first/" + name) != bytes("third/" + name), "another seed")
    }

    let measured = try assay(
      "gan evaluate faces.safetensors crops -q --count 16 --most 20 --features tiny.safetensors --report looked")
    #expect(measured.contains("16 pictures beside 16 held-out real crops"), "\(measured)")
    #expect(measured.contains("FRÉCHET DISTANCE"), "\(measured)")
    #expect(try bytes("looked/nearest.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }
}
