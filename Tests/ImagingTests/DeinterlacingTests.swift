import Imaging
import Testing

@Suite("Deinterlacing")
struct DeinterlacingTests {
  /// A bright square on a slope, its left edge at `x`.
  private static func square(at x: Int) -> Frame {
    var pixels: [UInt8] = []
    for row in 0..<40 {
      for column in 0..<60 {
        let isInside = (8..<32).contains(row) && (x..<x + 20).contains(column)
        pixels += [UInt8](repeating: isInside ? 220 : UInt8(40 + column + row), count: 3)
      }
    }
    return Frame(width: 60, height: 40, pixels: pixels)
  }

  /// Even rows of one frame and odd rows of another.
  private static func woven(_ even: Frame, _ odd: Frame) -> Frame {
    var pixels: [UInt8] = []
    for row in 0..<even.height {
      pixels +=
        (row % 2 == 0 ? even : odd).pixels[row * even.width * 3..<(row + 1) * even.width * 3]
    }
    return Frame(width: even.width, height: even.height, pixels: pixels)
  }

  private static func largest(_ a: Frame, _ b: Frame, rows: Range<Int>) -> Int {
    rows.flatMap { row in
      (0..<a.width * 3).map {
        abs(Int(a.pixels[row * a.width * 3 + $0]) - Int(b.pixels[row * a.width * 3 + $0]))
      }
    }
    .max() ?? 0
  }

  @Test(
    "what moves between the fields is shown at the time of the one that stays", arguments: [0, 1])
  func motion(kept: Int) {
    let (now, later) = (Self.square(at: 10), Self.square(at: 22))
    let frame = kept == 0 ? Self.woven(now, later) : Self.woven(later, now)
    let result = frame.deinterlaced(keeping: kept)
    // Away from the square's upper and lower edges, which lie between rows.
    #expect(Self.largest(frame, now, rows: 12..<28) > 100)
    #expect(Self.largest(result, now, rows: 12..<28) <= 2)
    #expect(Self.largest(result, now, rows: 0..<5) <= 2)
  }

  @Test("what stands still keeps all rows")
  func still() {
    let frame = Self.square(at: 15)
    #expect(Self.largest(frame.deinterlaced(keeping: 0), frame, rows: 10..<30) == 0)
    // A diagonal edge, as detail has it.
    let pixels = (0..<40).flatMap { row in
      (0..<60).flatMap { [UInt8](repeating: $0 > row ? 200 : 60, count: 3) }
    }
    let diagonal = Frame(width: 60, height: 40, pixels: pixels)
    #expect(Self.largest(diagonal.deinterlaced(keeping: 1), diagonal, rows: 4..<36) == 0)
  }

  @Test("frames of one and two rows")
  func low() {
    for height in 1...2 {
      let frame = Frame(width: 2, height: height, pixels: [UInt8](repeating: 9, count: 6 * height))
      #expect(frame.deinterlaced(keeping: 0) == frame)
    }
  }
}
