import Faces
import Imaging
import SampleArt
import Testing

@Suite("HOG face detector")
struct HOGFaceDetectorTests {
  /// Brings a sample's picture to the size that the detector asks for.
  func shown(_ frame: Frame, shortSide: Int) -> (frame: Frame, scale: Double) {
    let scale = Double(shortSide) / Double(min(frame.width, frame.height))
    let width = Int((Double(frame.width) * scale).rounded())
    let height = Int((Double(frame.height) * scale).rounded())
    return (frame.resized(width: width, height: height), scale)
  }

  @Test("finds the drawn faces where they are, and nothing else", arguments: SampleClip.all)
  func drawnFaces(_ clip: SampleClip) throws {
    var detector = try HOGFaceDetector()
    for index in stride(from: 5, to: clip.frameCount, by: 40) {
      let (frame, scale) = shown(clip.scene.frame(index), shortSide: detector.scale.shortSide)
      let found = try detector.faces(in: frame).filter { $0.confidence >= 0.5 }
      let drawn = clip.scene.faceBoxes(index)
      #expect(found.count == drawn.count, "picture \(index)")
      for face in drawn {
        let box = Box(x: face.x * scale, y: face.y * scale, width: face.width * scale, height: face.height * scale)
        #expect(found.contains { $0.box.overlap(box) > 0.5 }, "picture \(index): \(box) in \(found)")
      }
    }
  }

  @Test("boxes move with the face, more finely than the detector's cells")
  func stableBoxes() throws {
    var detector = try HOGFaceDetector()
    let picture = shown(SampleClip.all[0].scene.frame(10), shortSide: 540).frame
    var centers: [Double] = []
    for shift in stride(from: 0.0, through: 8, by: 2) {
      let frame = picture.pixels(of: Box(x: shift, y: 0, width: 900, height: 540))
      let best = try #require(try detector.faces(in: frame).first)
      centers.append(best.box.centerX + shift)
    }
    let spread = try #require(centers.max()) - (try #require(centers.min()))
    #expect(spread < 4, "\(centers)")
  }

  @Test("the same picture gives the same faces")
  func deterministic() throws {
    var first = try HOGFaceDetector()
    var second = try HOGFaceDetector()
    let frame = SampleClip.all[1].scene.frame(20).resized(width: 960, height: 540)
    let faces = try first.faces(in: frame)
    #expect(faces.count >= 2)
    #expect(try first.faces(in: frame) == faces)
    #expect(try second.faces(in: frame) == faces)
  }

  @Test("pictures too small for a face are searched in vain", arguments: [(1, 1), (7, 90), (90, 7), (40, 40)])
  func tiny(size: (Int, Int)) throws {
    var detector = try HOGFaceDetector()
    let pixels = [UInt8](repeating: 90, count: size.0 * size.1 * 3)
    #expect(try detector.faces(in: Frame(width: size.0, height: size.1, pixels: pixels)).isEmpty)
  }

  @Test("tracks of a drawn couple last for the whole clip")
  func coupleIsTracked() throws {
    var tracker = FaceTracker(detector: try HOGFaceDetector())
    let clip = try #require(SampleClip.all.first { $0.name == "couple.mp4" })
    for index in stride(from: 0, to: clip.frameCount, by: 12) {
      let faces = try tracker.faces(in: clip.scene.frame(index))
      #expect(faces.map(\.track) == [0, 1], "picture \(index)")
    }
  }
}
