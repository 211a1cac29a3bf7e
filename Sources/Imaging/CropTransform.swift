/// The linear map from a picture's own pixels to a network's crop: repeats edge pixels beyond the picture, then resizes
/// the square with the triangle filter of `Frame.resized`.
///
/// An attack on the pixels of a picture applies it forward, and its transpose to the gradient.
public struct CropTransform: Sendable, Hashable {
  /// The part of the picture that the crop covers, in whole pixels: the square clipped to the picture.
  public let part: Box
  /// Width and height of the crop.
  public let size: Int
  /// The whole square relative to the part's top left corner.
  private let square: Box
  private let columns: Side
  private let rows: Side

  /// - Parameters:
  ///   - square: as returned by `Box.square(margin:)`.
  ///   - width, height: size of the picture.
  ///   - size: width and height of the crop, at least 1.
  public init(square: Box, width: Int, height: Int, size: Int) {
    precondition(width >= 1 && height >= 1 && size >= 1, "a crop of \(size) from \(width)×\(height)")
    let whole = square.roundedSquare
    let side = Int(whole.width)
    columns = Side(start: Int(whole.x), length: side, pictureLength: width, outputLength: size)
    rows = Side(start: Int(whole.y), length: side, pictureLength: height, outputLength: size)
    part = Box(
      x: Double(columns.first), y: Double(rows.first), width: Double(columns.count), height: Double(rows.count))
    self.square = Box(x: whole.x - part.x, y: whole.y - part.y, width: whole.width, height: whole.height)
    self.size = size
  }

  /// Width and height of `part`.
  public var width: Int { columns.count }
  public var height: Int { rows.count }

  /// The crop as a scan computes it, including rounding, from the pixels of `part`.
  ///
  /// - Precondition: `pixels` has the size of `part`.
  public func crop(_ pixels: Frame) -> Frame {
    precondition(pixels.width == width && pixels.height == height, "\(pixels.width)×\(pixels.height) for \(part)")
    return pixels.pixels(of: square).resized(width: size, height: size)
  }

  /// The crop without rounding.
  ///
  /// - Parameter x: `height * width * 3` values of `part`, `R G B` interleaved.
  /// - Returns: `size * size * 3` values.
  public func apply(_ x: [Float]) -> [Float] {
    precondition(x.count == width * height * 3, "\(x.count) values for \(width)×\(height) pixels")
    let narrowed = columns.mixed(x, outer: height, inner: 3)
    return rows.mixed(narrowed, outer: 1, inner: size * 3)
  }

  /// The transpose of `apply`: maps a gradient with respect to the crop to one with respect to `part`.
  ///
  /// - Parameter dy: `size * size * 3` values.
  /// - Returns: `height * width * 3` values.
  public func applyTransposed(_ dy: [Float]) -> [Float] {
    precondition(dy.count == size * size * 3, "\(dy.count) values for a crop of \(size)")
    let tall = rows.spread(dy, outer: 1, inner: size * 3)
    return columns.spread(tall, outer: height, inner: 3)
  }
}

extension CropTransform {
  /// One axis: the input pixels and weights of each output position.
  fileprivate struct Side: Hashable {
    /// First pixel of the part in the picture, and the number of pixels.
    let first: Int
    let count: Int
    let outputCount: Int
    /// `stride` input pixels and their weights per output position; unused ones have weight 0.
    private var places: [Int32] = []
    private var weights: [Float] = []
    private let stride: Int

    init(start: Int, length: Int, pictureLength: Int, outputLength: Int) {
      first = min(max(start, 0), pictureLength - 1)
      count = max(first + 1, min(start + length, pictureLength)) - first
      outputCount = outputLength
      let kernel = ResizeKernel(inputCount: length, start: 0, length: Double(length), outputCount: outputLength)
      stride = kernel.stride
      for output in 0..<outputLength {
        for tap in 0..<stride {
          let isUsed = tap < kernel.counts[output]
          let place = start + kernel.starts[output] + (isUsed ? tap : 0)
          places.append(Int32(min(max(place, first), first + count - 1) - first))
          weights.append(
            isUsed ? Float(kernel.weights[output * stride + tap]) / Float(1 << ResizeKernel.fractionBits) : 0)
        }
      }
    }

    /// `[outer, count, inner]` to `[outer, outputCount, inner]`.
    func mixed(_ x: [Float], outer: Int, inner: Int) -> [Float] {
      var y = [Float](repeating: 0, count: outer * outputCount * inner)
      forEachTap(outer) { block, output, place, weight in
        let (to, from) = ((block * outputCount + output) * inner, (block * count + place) * inner)
        for i in 0..<inner { y[to + i] += weight * x[from + i] }
      }
      return y
    }

    /// `[outer, outputCount, inner]` to `[outer, count, inner]`.
    func spread(_ dy: [Float], outer: Int, inner: Int) -> [Float] {
      var dx = [Float](repeating: 0, count: outer * count * inner)
      forEachTap(outer) { block, output, place, weight in
        let (from, to) = ((block * outputCount + output) * inner, (block * count + place) * inner)
        for i in 0..<inner { dx[to + i] += weight * dy[from + i] }
      }
      return dx
    }

    @inline(__always)
    private func forEachTap(_ outer: Int, _ body: (_ block: Int, _ output: Int, _ place: Int, _ weight: Float) -> Void)
    {
      for block in 0..<outer {
        for output in 0..<outputCount {
          for tap in output * stride..<(output + 1) * stride where weights[tap] != 0 {
            body(block, output, Int(places[tap]), weights[tap])
          }
        }
      }
    }
  }
}
