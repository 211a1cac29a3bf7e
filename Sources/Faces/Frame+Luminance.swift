import Imaging

extension Frame {
  /// Brightness of each pixel (BT.601 weights), row by row.
  ///
  /// - Parameter grey: replaced by `width * height` bytes; its memory is used again.
  func luminance(into grey: inout [UInt8]) {
    let count = width * height
    if grey.count != count { grey = [UInt8](repeating: 0, count: count) }
    grey.withUnsafeMutableBufferPointer { grey in
      pixels.withUnsafeBufferPointer { pixels in
        for i in 0..<count {
          let red = UInt32(pixels[i * 3]) &* 77
          let green = UInt32(pixels[i * 3 + 1]) &* 150
          let blue = UInt32(pixels[i * 3 + 2]) &* 29
          grey[i] = UInt8(truncatingIfNeeded: (red &+ green &+ blue &+ 128) &>> 8)
        }
      }
    }
  }
}
