import CFFmpeg
import Imaging

/// How the coded picture has to be turned and stretched to be upright with square pixels.
struct Orientation: Sendable {
  /// A turn by quarters, with or without a mirror.
  struct Turn: Equatable {
    /// Rows and columns change places; then each axis of the shown picture may be mirrored.
    var isTransposed = false
    var isMirroredX = false
    var isMirroredY = false
  }

  /// Shapes of pixels beyond this, either way, are no declaration that anybody follows: pixels are square.
  private static let largestAspect = 4.0

  private var turn: Turn?
  /// Width of a coded pixel over its height.
  private var knownAspect: Double?

  /// Whatever the frame itself says.
  init() {}

  /// What the container says.
  init(_ stream: UnsafeMutablePointer<AVStream>) {
    knownAspect = Self.aspect(stream.pointee.sample_aspect_ratio)
    var size = 0
    if let bytes = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size) {
      turn = Self.turn(matrix: bytes, size: size)
    }
  }

  /// Turned as the coded stream says, unless the container says how.
  func turned(_ turn: Turn?) -> Orientation {
    var turned = self
    if self.turn == nil { turned.turn = turn ?? Turn() }
    return turned
  }

  /// With what the coded frame says where nothing else does.
  func completed(by frame: UnsafeMutablePointer<AVFrame>) -> Orientation {
    var completed = self
    if knownAspect == nil { completed.knownAspect = Self.aspect(frame.pointee.sample_aspect_ratio) }
    if turn == nil, let side = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX) {
      completed.turn = Self.turn(matrix: side.pointee.data, size: side.pointee.size)
    }
    return completed
  }

  /// Whether pictures are turned alike.
  func turnsAs(_ other: Orientation) -> Bool { (turn ?? Turn()) == (other.turn ?? Turn()) }

  var pixelAspect: Double { knownAspect ?? 1 }
  var isTransposed: Bool { turn?.isTransposed ?? false }
  private var isMirroredX: Bool { turn?.isMirroredX ?? false }
  private var isMirroredY: Bool { turn?.isMirroredY ?? false }

  /// Degrees clockwise, 0…270; a mirror is not told.
  var rotation: Int {
    if isTransposed { return isMirroredX ? 90 : 270 }
    return isMirroredX && isMirroredY ? 180 : 0
  }

  private static func aspect(_ ratio: AVRational) -> Double? {
    guard ratio.num > 0, ratio.den > 0 else { return nil }
    let aspect = av_q2d(ratio)
    return (1 / largestAspect...largestAspect).contains(aspect) ? aspect : nil
  }

  private static func turn(matrix bytes: UnsafeMutablePointer<UInt8>, size: Int) -> Turn? {
    guard size >= 9 * MemoryLayout<Int32>.size else { return nil }
    let matrix = UnsafeRawPointer(bytes)
    return Turn { index in
      matrix.loadUnaligned(fromByteOffset: index * MemoryLayout<Int32>.size, as: Int32.self)
    }
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
    turned(frame, mirrorsX: isMirroredX, mirrorsY: isMirroredY)
  }

  /// Turns an upright picture back.
  func unturned(_ frame: Frame) -> Frame {
    // Once axes change places, the mirror of one is that of the other.
    turned(
      frame, mirrorsX: isTransposed ? isMirroredY : isMirroredX, mirrorsY: isTransposed ? isMirroredX : isMirroredY)
  }

  private func turned(_ frame: Frame, mirrorsX: Bool, mirrorsY: Bool) -> Frame {
    guard isTransposed || mirrorsX || mirrorsY else { return frame }
    let width = isTransposed ? frame.height : frame.width
    let height = isTransposed ? frame.width : frame.height
    let pixels = [UInt8](unsafeUninitializedCapacity: frame.pixels.count) { target, count in
      frame.pixels.withUnsafeBufferPointer { source in
        for y in 0..<height {
          let row = mirrorsY ? height - 1 - y : y
          for x in 0..<width {
            let column = mirrorsX ? width - 1 - x : x
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

extension Orientation.Turn {
  /// Turns by anything but quarters are taken to the nearest one, as players do.
  ///
  /// - Parameter element: of a display matrix, in rows a b u, c d v, x y w: a point (x, y) is shown at
  ///   (a·x + c·y, b·x + d·y).
  init(matrix element: (Int) -> Int32) {
    let (a, b, c, d) = (Int64(element(0)), Int64(element(1)), Int64(element(3)), Int64(element(4)))
    isTransposed = abs(b) + abs(c) > abs(a) + abs(d)
    isMirroredX = (isTransposed ? c : a) < 0
    isMirroredY = (isTransposed ? b : d) < 0
  }

  /// What an SEI message says: mirrored first, then turned.
  ///
  /// - Parameter anticlockwise: degrees.
  init(anticlockwise: Double, flipsX: Bool, flipsY: Bool) {
    var matrix = [Int32](repeating: 0, count: 9)
    // FFmpeg turns first and by degrees clockwise: each mirror that changes sides with the turn reverses it.
    av_display_rotation_set(&matrix, -anticlockwise * (flipsX ? -1 : 1) * (flipsY ? -1 : 1))
    av_display_matrix_flip(&matrix, flipsX ? 1 : 0, flipsY ? 1 : 0)
    self.init { matrix[$0] }
  }
}
