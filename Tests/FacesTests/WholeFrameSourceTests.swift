import Faces
import Imaging
import Testing

@Suite("Whole frames as faces")
struct WholeFrameSourceTests {
  @Test("the grown box is the largest square in the middle", arguments: [(640, 360), (360, 640), (299, 299)])
  func centreSquare(size: (Int, Int)) throws {
    let source = WholeFrameSource(framing: FaceFraming(margin: 0.3))
    let frame = Frame.patches([], width: size.0, height: size.1)
    let faces = source.faces(in: frame)
    #expect(faces.map(\.track) == [0])
    let square = try #require(faces.first).box.square(margin: 0.3)
    let side = Double(min(size.0, size.1))
    #expect(abs(square.width - side) < 1e-9)
    #expect(abs(square.centerX - Double(size.0) / 2) < 1e-9 && abs(square.centerY - Double(size.1) / 2) < 1e-9)
    #expect(try frame.crop(square: square, size: min(size.0, size.1)).pixels.count == Int(side * side) * 3)
  }
}
