import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

@Suite("Crop sets on disk")
struct CropSetTests {
  private static let header = CropSetHeader(
    FaceCropSettings(detector: "hog", framing: FaceFraming(margin: 0.3), filter: "area", size: 8))

  private static func item(_ name: String) -> LabelledItem {
    LabelledItem(
      path: name, label: .fake, group: "g-\(name)", kin: ["k"], method: "swap", dataset: "d", kind: .video)
  }

  private static func crop(_ value: UInt8) -> NewCrop {
    NewCrop(
      pixels: Frame(width: 8, height: 8, pixels: (0..<192).map { value &+ UInt8($0) }), track: 1,
      seconds: Double(value) / 4, box: Box(x: 1.5, y: 2, width: 3, height: 4))
  }

  /// Two sources with crops and one without.
  private static func write(_ folder: String) throws {
    var writer = try CropSetWriter(folder: folder, header: header)
    try writer.append([crop(1), crop(2)], of: item("a"))
    try writer.append([], of: item("b"), problem: "no face")
    try writer.append([crop(3)], of: item("c"))
    try writer.synchronise()
  }

  @Test(
    "a header is read with and without an offset, and written with the same keys",
    arguments: [(#""offset":0.25,"#, 0.25), ("", 0)])
  func headerFormat(offset: String, expected: Double) throws {
    let text = #"{"contract":{"detector":"hog","filter":"area","margin":0.3,\#(offset)"x":1},"size":8,"version":1}"#
    let header = try JSONDecoder().decode(CropSetHeader.self, from: Data(text.utf8))
    let settings = FaceCropSettings(
      detector: "hog", framing: FaceFraming(margin: 0.3, offset: expected), filter: "area", size: 8)
    #expect(header == CropSetHeader(settings))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      String(decoding: try encoder.encode(header), as: UTF8.self)
        == #"{"contract":{"detector":"hog","filter":"area","margin":0.3,"offset":\#(expected == 0 ? "0" : "0.25")},"#
        + #""size":8,"version":1}"#)
  }

  @Test("what was written is read")
  func roundTrip() throws {
    let folder = try FileTree([:])
    try Self.write(folder.path)
    let set = try CropSet(folder: folder.path)
    #expect(set.header == Self.header)
    #expect(set.count == 3)
    #expect(set.items == ["a", "a", "c"].map(Self.item))
    #expect(set.sources.map(\.crops) == [2, 0, 1])
    #expect(set.sources[1].problem == "no face")
    #expect(set.records[1].seconds == 0.5)
    #expect(set.records[1].box == Box(x: 1.5, y: 2, width: 3, height: 4))
    #expect(set.frame(at: 2) == Self.crop(3).pixels)
    #expect(set.withPixels(at: 1) { $0[5] } == 7)
    #expect(set.damagedCrops().isEmpty)
    #expect(set.duplicates().isEmpty)
  }

  @Test(
    "a run resumes after being killed at any byte of any file",
    arguments: [
      "pixels.rgb", "index.jsonl", "sources.jsonl",
    ])
  func restart(_ name: String) throws {
    let whole = try FileTree([:])
    try Self.write(whole.path)
    let length = try Data(contentsOf: URL(fileURLWithPath: whole.path + "/" + name)).count
    for kept in stride(from: 0, to: length, by: 37) {
      let folder = try FileTree([:])
      try Self.write(folder.path)
      let file = URL(fileURLWithPath: folder.path + "/" + name)
      try Data(contentsOf: file).prefix(kept).write(to: file)
      var writer = try CropSetWriter(folder: folder.path, header: Self.header)
      for (name, crops) in [("a", [Self.crop(1), Self.crop(2)]), ("b", []), ("c", [Self.crop(3)])]
      where !writer.isComplete(name) {
        try writer.append(crops, of: Self.item(name), problem: name == "b" ? "no face" : nil)
      }
      for file in ["pixels.rgb", "index.jsonl", "sources.jsonl", "crops.json"] {
        #expect(
          try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + file))
            == Data(contentsOf: URL(fileURLWithPath: whole.path + "/" + file)), "\(file) after \(kept) bytes")
      }
    }
  }

  @Test("a set that is being written can be read up to its last complete source")
  func halfWritten() throws {
    let folder = try FileTree([:])
    try Self.write(folder.path)
    for (name, text) in [("pixels.rgb", "x"), ("index.jsonl", "{\"ind"), ("sources.jsonl", "{")] {
      let file = URL(fileURLWithPath: folder.path + "/" + name)
      try (Data(contentsOf: file) + Data(text.utf8)).write(to: file)
    }
    #expect(try CropSet(folder: folder.path).count == 3)
  }

  @Test(
    "inconsistent files are errors",
    arguments: [
      ("pixels.rgb", ""), ("index.jsonl", ""), ("index.jsonl", "{}\n"),
      ("sources.jsonl", "{\"path\":\"a\",\"crops\":-1}\n"),
      ("sources.jsonl", "{\"path\":\"a\",\"crops\":9223372036854775807}\n"), ("crops.json", "{}"),
      ("crops.json", #"{"version":2,"size":8,"contract":{"detector":"hog","margin":0.3,"filter":"area"}}"#),
      ("crops.json", #"{"version":1,"size":-8,"contract":{"detector":"hog","margin":0.3,"filter":"area"}}"#),
    ])
  func contradictions(_ name: String, _ text: String) throws {
    let folder = try FileTree([:])
    try Self.write(folder.path)
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
    #expect(throws: DatasetsError.self) { try CropSet(folder: folder.path) }
  }

  @Test("damaged and duplicate crops are found")
  func damage() throws {
    let folder = try FileTree([:])
    var writer = try CropSetWriter(folder: folder.path, header: Self.header)
    try writer.append([Self.crop(1), Self.crop(1), Self.crop(2)], of: Self.item("a"))
    #expect(try CropSet(folder: folder.path).duplicates().map(\.subject) == ["crop 1"])
    let file = URL(fileURLWithPath: folder.path + "/pixels.rgb")
    var bytes = try Data(contentsOf: file)
    bytes[400] ^= 1
    try bytes.write(to: file)
    #expect(try CropSet(folder: folder.path).damagedCrops() == [2])
  }

  @Test("a folder with other face-crop settings is refused")
  func otherContract() throws {
    let folder = try FileTree([:])
    try Self.write(folder.path)
    let other = CropSetHeader(
      FaceCropSettings(detector: "hog", framing: FaceFraming(margin: 0.4), filter: "area", size: 8))
    let error = #expect(throws: DatasetsError.self) { _ = try CropSetWriter(folder: folder.path, header: other).count }
    #expect(error?.description.contains("margin 0.3") == true)
  }
}
