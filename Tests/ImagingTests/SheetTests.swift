import Imaging
import Testing

@Suite("Sheets of pictures")
struct SheetTests {
  private func picture(_ value: UInt8) -> Frame {
    Frame(width: 3, height: 2, pixels: [UInt8](repeating: value, count: 18))
  }

  @Test("pictures stand in rows on white, the last row may be short")
  func places() {
    let sheet = Frame.sheet([picture(1), picture(2), picture(3)], columns: 2, gap: 1)
    #expect(sheet.width == 2 * 4 + 1 && sheet.height == 2 * 3 + 1)
    func pixel(_ x: Int, _ y: Int) -> UInt8 { sheet.pixels[(y * sheet.width + x) * 3] }
    #expect(pixel(1, 1) == 1 && pixel(5, 2) == 2 && pixel(3, 5) == 3)
    #expect(pixel(0, 0) == 255 && pixel(4, 1) == 255 && pixel(5, 5) == 255)
    #expect(Frame.sheet([picture(7)], columns: 8, gap: 0) == picture(7))
  }
}
