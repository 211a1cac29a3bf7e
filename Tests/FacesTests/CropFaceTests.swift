import Faces
import Imaging
import Testing

@Suite("The face of a ready-made crop")
struct CropFaceTests {
  /// Three fifths of the crop's extents, in the middle.
  private static let usual = Box(x: 0.2, y: 0.2, width: 0.6, height: 0.6)

  private func face(_ patches: [Patch]) throws -> TrackedFace {
    var tracker = FaceTracker(detector: PatchDetector(log: PatchDetector.Log()))
    return try tracker.face(
      ofCrop: Frame.patches(patches, width: 200, height: 200), usual: Self.usual
    )
  }

  @Test("a face near the usual place is taken as the detector boxes it")
  func found() throws {
    let box = try face([Patch(kind: .red, x: 55, y: 30, side: 110)]).box
    #expect(abs(box.centerX - 110) < 8 && abs(box.centerY - 85) < 8 && abs(box.width - 110) < 14)
  }

  @Test("of two faces the one nearest to the usual place counts")
  func nearest() throws {
    let face = try face([
      Patch(kind: .red, x: 0, y: 0, side: 60), Patch(kind: .green, x: 45, y: 45, side: 110),
    ])
    #expect(abs(face.box.centerX - 100) < 8 && abs(face.box.centerY - 100) < 8)
  }

  @Test("where there is none, or only elsewhere, the usual place has a confidence of 0")
  func missing() throws {
    for patches in [[], [Patch(kind: .red, x: 0, y: 0, side: 40)]] {
      let face = try face(patches)
      #expect(face.confidence == 0 && face.box == Box(x: 40, y: 40, width: 120, height: 120))
    }
  }
}
