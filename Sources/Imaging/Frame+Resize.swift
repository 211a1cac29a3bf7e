extension Frame {
  /// Name of the filter of `resized(width:height:)` in model files and crop sets.
  public static let resizeFilterName = "triangle-antialias"

  /// The frame at another size; every network input uses this filter.
  ///
  /// The filter is a triangle whose radius grows with the reduction (see `ResizeKernel`), applied to rows and then
  /// to columns with rounding to 8 bits in between. The result is bit-identical to that of Pillow's
  /// `resize(…, Image.BILINEAR)`. Filters the stored values, without linearising sRGB.
  ///
  /// - Precondition: both sides are at least 1.
  public func resized(width: Int, height: Int) -> Frame {
    if width == self.width && height == self.height { return self }
    return resized(
      region: Box(x: 0, y: 0, width: Double(self.width), height: Double(self.height)), width: width, height: height)
  }

  /// Resizes only `region`, whose edges may lie between pixels.
  ///
  /// - Precondition: `region` has an area and lies within the frame.
  func resized(region: Box, width: Int, height: Int) -> Frame {
    precondition(width >= 1 && height >= 1, "cannot resize to \(width)×\(height)")
    precondition(
      region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0
        && region.x + region.width <= Double(self.width) && region.y + region.height <= Double(self.height),
      "\(region) does not lie within \(self.width)×\(self.height)")
    let columns = ResizeKernel(
      inputCount: self.width, start: region.x, length: region.width, outputCount: width)
    let rows = ResizeKernel(
      inputCount: self.height, start: region.y, length: region.height, outputCount: height)
    let firstRow = rows.starts[0]
    let lastRow = rows.starts[height - 1] + rows.counts[height - 1]
    let narrowed = resizedRows(firstRow..<lastRow, by: columns)
    return Frame(
      width: width, height: height,
      pixels: Self.resizedColumns(of: narrowed, rowBytes: width * 3, firstRow: firstRow, by: rows))
  }

  /// Some rows, each resized to the kernel's width.
  private func resizedRows(_ range: Range<Int>, by kernel: ResizeKernel) -> [UInt8] {
    let outputWidth = kernel.starts.count
    return [UInt8](unsafeUninitializedCapacity: range.count * outputWidth * 3) { output, initialized in
      pixels.withUnsafeBufferPointer { input in
        kernel.withUnsafeTaps { starts, counts, weights in
          var out = 0
          for row in range {
            for x in 0..<outputWidth {
              var at = (row * width + starts[x]) * 3
              // Red and blue share one multiplication: a sum of weighted bytes stays below 2^31.
              var redAndBlue = ResizeKernel.half | ResizeKernel.half << 32
              var green = ResizeKernel.half
              for tap in x * kernel.stride..<x * kernel.stride + counts[x] {
                let weight = UInt64(weights[tap])
                redAndBlue &+= (UInt64(input[at]) | UInt64(input[at + 2]) << 32) &* weight
                green &+= UInt64(input[at + 1]) &* weight
                at += 3
              }
              output[out] = ResizeKernel.byte(UInt32(truncatingIfNeeded: redAndBlue))
              output[out + 1] = ResizeKernel.byte(UInt32(truncatingIfNeeded: green))
              output[out + 2] = ResizeKernel.byte(UInt32(truncatingIfNeeded: redAndBlue >> 32))
              out += 3
            }
          }
        }
      }
      initialized = range.count * outputWidth * 3
    }
  }

  /// Resizes columns to the kernel's height; row 0 of `input` is the picture's row `firstRow`.
  private static func resizedColumns(
    of input: [UInt8], rowBytes: Int, firstRow: Int, by kernel: ResizeKernel
  ) -> [UInt8] {
    let outputHeight = kernel.starts.count
    return [UInt8](unsafeUninitializedCapacity: outputHeight * rowBytes) { output, initialized in
      input.withUnsafeBufferPointer { input in
        kernel.withUnsafeTaps { starts, counts, weights in
          withUnsafeTemporaryAllocation(of: UInt32.self, capacity: rowBytes) { sums in
            for y in 0..<outputHeight {
              sums.initialize(repeating: UInt32(ResizeKernel.half))
              for tap in 0..<counts[y] {
                let weight = weights[y * kernel.stride + tap]
                let row = (starts[y] - firstRow + tap) * rowBytes
                for i in 0..<rowBytes { sums[i] &+= UInt32(input[row + i]) &* weight }
              }
              for i in 0..<rowBytes { output[y * rowBytes + i] = ResizeKernel.byte(sums[i]) }
            }
          }
        }
      }
      initialized = outputHeight * rowBytes
    }
  }
}
