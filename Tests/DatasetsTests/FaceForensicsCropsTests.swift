import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite("Order of the FaceForensics++ crops")
struct FaceForensicsCropsTests {
  @Test("the maps are monotone and end where the originals end", arguments: [Part.train, .test])
  func monotone(_ part: Part) throws {
    for method in FaceForensicsOrder.methods.dropFirst() {
      let positions = try (0..<(part == .test ? 104 : 904)).map {
        try #require(FaceForensicsOrder.position(ofCrop: $0, method: method, part: part))
      }
      #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, "\(method)")
      #expect(abs(positions[0]) < 3)
      #expect(abs((positions.last ?? 0) - FaceForensicsOrder.positions(part)) < 40)
    }
    #expect(FaceForensicsOrder.position(ofCrop: 3, method: "other", part: part) == nil)
  }

  @Test(
    "videos that were matched to crops have the matched position",
    arguments: [
      (4, Part.test, 8.5), (183, .train, 167.5), (253, .train, 312.5), (720, .train, 1252.5), (878, .train, 1571.5),
    ])
  func knownVideos(_ id: Int, _ part: Part, _ position: Double) {
    let found = FaceForensicsOrder.position(ofVideo: id)
    #expect(found.part == part)
    #expect(abs(found.position - position) <= 1)
  }

  @Test("blocks: neighbours share one, pictures near a border carry both")
  func blocks() {
    let blocks = FaceForensicsBlocks(trainingBlocks: 45)
    #expect(blocks.group(at: 20, part: .train) == ("ffpp-train:00", nil))
    #expect(blocks.group(at: 37, part: .train) == ("ffpp-train:00", "ffpp-train:01"))
    #expect(blocks.group(at: 44, part: .train) == ("ffpp-train:01", "ffpp-train:00"))
    #expect(blocks.group(at: 0, part: .train) == ("ffpp-train:00", nil))
    #expect(blocks.group(at: 1816, part: .train) == ("ffpp-train:44", nil))
    #expect(blocks.group(at: 0.5, part: .test) == ("ffpp-test:00", nil))
  }

  @Test("crops and videos of one source get one group, whatever the method")
  func together() throws {
    let crops = try FileTree([
      "train/youtube/roi_312.jpg": "", "train/youtube/roi_9.jpg": "", "train/Deepfakes/roi_161.jpg": "",
      "test/FaceSwap/roi_5.jpg": "", "test/youtube/readme.txt": "",
    ])
    let videos = try FileTree([
      "original/youtube/c40/videos/253.mp4": "", "manipulate/Face2Face/c40/videos/253_183.mp4": "",
      "manipulate/Face2Face/c40/videos/004_982.mp4": "", "original/actors/c40/videos/03__x.mp4": "",
    ])
    let reading = try LabelledData.read([crops.path, videos.path])
    func item(_ ending: String) throws -> LabelledItem {
      try #require(reading.items.first { $0.path.hasSuffix(ending) })
    }
    let block = try item("roi_312.jpg").group
    #expect(try item("Deepfakes/roi_161.jpg").group == block)
    #expect(try item("/253.mp4").group == block)
    #expect(try item("253_183.mp4").group == block)
    #expect(try item("253_183.mp4").kin == ["ffpp-train:04"])
    #expect(try item("roi_9.jpg").group != block)
    #expect(try item("FaceSwap/roi_5.jpg").fixedPart == .test)
    #expect(try item("004_982.mp4").fixedPart == .test)
    #expect(try item("03__x.mp4").group == "ffpp-actor:03")
    #expect(reading.problems.map(\.kind) == [.unknownName])
    #expect(try LabelledData.read([videos.path]).items.contains { $0.group == "ffpp:253" })
  }
}
