import Imaging
import Testing

/// One resize and the pixels that Pillow makes of it.
struct ResizeCase: Sendable, CustomTestStringConvertible {
  let name: String
  let width: Int
  let height: Int
  let region: Box
  let outputWidth: Int
  let outputHeight: Int
  let pixels: [UInt8]

  var testDescription: String { name }
}

extension Frame {
  /// A pattern without any smoothness, the same as in resize_golden.py.
  static func pattern(width: Int, height: Int) -> Frame {
    let pixels = (0..<width * height * 3).map { (i: Int) -> UInt8 in
      let value: Int = i * i * 7 + i * 13 + 5
      return UInt8(value % 251)
    }
    return Frame(width: width, height: height, pixels: pixels)
  }
}
