import Faces
import Imaging
import SampleArt
import Testing

/// What every face detector of the program must do, whatever its kind.
@Suite("Built-in face detectors")
struct BuiltInFaceDetectorTests {
  static let kinds = FaceDetectorKind.allCases.filter { !$0.needsModelFile }

  private func detector(_ kind: FaceDetectorKind) throws -> AnyFaceDetector {
    try FaceDetectorChoice(kind).load().make()
  }

  /// Brings a sample's frame to the size that the detector asks for.
  private func shown(_ frame: Frame, to detector: AnyFaceDetector) -> (frame: Frame, scale: Double) {
    let scale = Double(detector.scale.shortSide) / Double(min(frame.width, frame.height))
    let width = Int((Double(frame.width) * scale).rounded())
    let height = Int((Double(frame.height) * scale).rounded())
    return (frame.resized(width: width, height: height), scale)
  }

  @Test("finds the drawn faces where they are, and nothing else", arguments: kinds, SampleClip.all)
  func drawnFaces(_ kind: FaceDetectorKind, _ clip: SampleClip) throws {
    let detector = try detector(kind)
    for index in stride(from: 5, to: clip.frameCount, by: 40) {
      let (frame, scale) = shown(clip.scene.frame(index), to: detector)
      let found = try detector.faces(in: frame).filter { $0.confidence >= 0.5 }
      let drawn = clip.scene.faceBoxes(index)
      #expect(found.count == drawn.count, "frame \(index)")
      for face in drawn {
        let box = Box(x: face.x * scale, y: face.y * scale, width: face.width * scale, height: face.height * scale)
        #expect(found.contains { $0.box.overlap(box) > 0.5 }, "frame \(index): \(box) in \(found)")
      }
    }
  }

  @Test("boxes move with the face, more finely than the detector's cells", arguments: kinds)
  func stableBoxes(_ kind: FaceDetectorKind) throws {
    let detector = try detector(kind)
    let frame = shown(SampleClip.all[0].scene.frame(10), to: detector).frame
    // Shifts of 1 pixel at a short side of 270.
    let step = Double(frame.height) / 270
    var centers: [Double] = []
    for shift in stride(from: 0.0, through: 4 * step, by: step) {
      let part = frame.pixels(
        of: Box(x: shift, y: 0, width: Double(frame.width) - 5 * step, height: Double(frame.height)))
      let best = try #require(try detector.faces(in: part).first)
      centers.append(best.box.centerX + shift)
    }
    let spread = try #require(centers.max()) - (try #require(centers.min()))
    // Half of the smallest cell, whose side is 8 pixels.
    #expect(spread < 4 * step, "\(centers)")
  }

  @Test("the same frame gives the same faces", arguments: kinds)
  func deterministic(_ kind: FaceDetectorKind) throws {
    let (first, second) = (try detector(kind), try detector(kind))
    let frame = shown(SampleClip.all[1].scene.frame(20), to: first).frame
    let faces = try first.faces(in: frame)
    #expect(faces.count >= 2)
    #expect(try first.faces(in: frame) == faces)
    #expect(try second.faces(in: frame) == faces)
  }

  @Test(
    "frames too small for a face are searched in vain", arguments: kinds, [(1, 1), (7, 90), (90, 7), (40, 40)])
  func tiny(_ kind: FaceDetectorKind, size: (Int, Int)) throws {
    let pixels = [UInt8](repeating: 90, count: size.0 * size.1 * 3)
    let faces = try detector(kind).faces(in: Frame(width: size.0, height: size.1, pixels: pixels))
    #expect(faces.allSatisfy { $0.confidence < 0.5 }, "\(faces)")
  }

  @Test("tracks of a drawn couple last for the whole clip", arguments: kinds)
  func coupleIsTracked(_ kind: FaceDetectorKind) throws {
    var tracker = FaceTracker(detector: try detector(kind))
    let clip = try #require(SampleClip.all.first { $0.name == "couple.mp4" })
    for index in stride(from: 0, to: clip.frameCount, by: 12) {
      let faces = try tracker.faces(in: clip.scene.frame(index))
      #expect(faces.map(\.track) == [0, 1], "frame \(index)")
    }
  }
}
