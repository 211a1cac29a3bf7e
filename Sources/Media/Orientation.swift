import CFFmpeg
import Imaging

/// How the coded picture has to be turned and stretched to be upright with square pixels.
struct Orientation: Sendable {
  /// Rows and columns change places; then each axis may be mirrored.
  private(set) var isTransposed = false
  private(set) var isMirroredX = false
  private(set) var isMirroredY = false
  /// Width of a coded pixel over its height.
  private(set) var pixelAspect = 1.0

  /// Upright, square pixels.
  init() {}

  init(_ stream: UnsafeMutablePointer<AVStream>) {
    let own = stream.pointee.sample_aspect_ratio
    let coded = stream.pointee.codecpar.pointee.sample_aspect_ratio
    let ratio = own.num > 0 ? own : coded
    if ratio.num > 0, ratio.den > 0 { pixelAspect = min(max(av_q2d(ratio), 0.1), 10) }
    var size = 0
    guard let bytes = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else { return }
    // A point (x, y) is shown at (a·x + c·y, b·x + d·y); the matrix is stored in rows a b u, c d v, x y w.
    let matrix = bytes.withMemoryRebound(to: Int32.self, capacity: 9) {
      Array(UnsafeBufferPointer(start: $0, count: 9))
    }
    let (a, b, c, d) = (Int64(matrix[0]), Int64(matrix[1]), Int64(matrix[3]), Int64(matrix[4]))
    // Turns by anything but quarters are taken to the nearest one, as players do.
    isTransposed = abs(b) + abs(c) > abs(a) + abs(d)
    isMirroredX = (isTransposed ? c : a) < 0
    isMirroredY = (isTransposed ? b : d) < 0
  }

  /// Size of the upright picture with square pixels; the longer grid is kept, the other one stretched.
  func displaySize(codedWidth: Int, codedHeight: Int) -> (width: Int, height: Int) {
    let stretched = stretchedSize(codedWidth: codedWidth, codedHeight: codedHeight)
    return isTransposed ? (stretched.height, stretched.width) : stretched
  }

  /// The same before turning.
  func stretchedSize(codedWidth: Int, codedHeight: Int) -> (width: Int, height: Int) {
    pixelAspect >= 1
      ? (max(1, Int((Double(codedWidth) * pixelAspect).rounded())), max(1, codedHeight))
      : (max(1, codedWidth), max(1, Int((Double(codedHeight) / pixelAspect).rounded())))
  }

  /// A region of the upright picture as a region before turning.
  ///
  /// - Parameters:
  ///   - width: of the picture before turning.
  ///   - height: of the picture before turning.
  func unturned(_ region: Box, width: Int, height: Int) -> Box {
    var box =
      isTransposed ? Box(x: region.y, y: region.x, width: region.height, height: region.width) : region
    // The mirrors are those of the shown axes.
    if isTransposed ? isMirroredY : isMirroredX { box.x = Double(width) - box.x - box.width }
    if isTransposed ? isMirroredX : isMirroredY { box.y = Double(height) - box.y - box.height }
    return box
  }

  /// Turns a rendered picture upright.
  func turned(_ frame: Frame) -> Frame {
    guard isTransposed || isMirroredX || isMirroredY else { return frame }
    let width = isTransposed ? frame.height : frame.width
    let height = isTransposed ? frame.width : frame.height
    let pixels = [UInt8](unsafeUninitializedCapacity: frame.pixels.count) { target, count in
      frame.pixels.withUnsafeBufferPointer { source in
        for y in 0..<height {
          let row = isMirroredY ? height - 1 - y : y
          for x in 0..<width {
            let column = isMirroredX ? width - 1 - x : x
            let from = 3 * (isTransposed ? column * frame.width + row : row * frame.width + column)
            let to = 3 * (y * width + x)
            target[to] = source[from]
            target[to + 1] = source[from + 1]
            target[to + 2] = source[from + 2]
          }
        }
      }
      count = frame.pixels.count
    }
    return Frame(width: width, height: height, pixels: pixels)
  }
}
