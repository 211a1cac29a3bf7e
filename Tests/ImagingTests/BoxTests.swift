import Imaging
import Testing

@Suite("Box")
struct BoxTests {
  let box = Box(x: 10, y: 20, width: 30, height: 40)

  @Test("overlap is intersection over union")
  func overlap() {
    #expect(box.overlap(box) == 1)
    #expect(box.overlap(Box(x: 40, y: 20, width: 30, height: 40)) == 0)
    #expect(box.overlap(Box(x: 25, y: 20, width: 30, height: 40)) == 1.0 / 3)
  }

  @Test("the square shares the centre and grows the longer side")
  func square() {
    #expect(box.square(margin: 0.3) == Box(x: -1, y: 14, width: 52, height: 52))
  }
}
