import CVectorLoops

/// Adjacent windows that tile the images, with the offsets of their elements and results, eight channels at a time.
struct WindowGrid {
  /// Number of windows times number of channels.
  var resultCount: Int { rows * columns * 8 * x.groups }
  /// Rows of windows over all samples, and windows per row.
  private let rows: Int
  private let columns: Int
  /// Floats from a window's first element to its others.
  private let others: [Int]
  /// Floats from a window to the next one in its row, in the images and in the results.
  private let xStep: Int
  private let yStep: Int
  private let x: LanePlaces
  private let y: LanePlaces
  private let rowsPerSample: Int
  /// Floats from a row of windows to the next one.
  private let xRow: Int
  private let yRow: Int

  /// Whether windows of that extent tile `[N, C, H, W]` images, and groups of eight tile their channels.
  static func fits(_ shape: Shape, window: Pair) -> Bool {
    shape.rank == 4 && shape[1] % 8 == 0 && shape[2] % window.height == 0 && shape[3] % window.width == 0
  }

  /// - Precondition: `fits`; block layouts need a multiple of 16 channels.
  init(_ shape: Shape, _ window: Pair, from source: PictureLayout, to target: PictureLayout) {
    precondition(Self.fits(shape, window: window), "\(shape) cannot be cut into windows of \(window) in groups of 8")
    x = LanePlaces(shape, source)
    rowsPerSample = shape[2] / window.height
    columns = shape[3] / window.width
    y = LanePlaces([shape[0], shape[1], rowsPerSample, columns], target)
    rows = shape[0] * rowsPerSample
    let line = shape[3] * x.pixelStride
    let pixel = x.pixelStride
    others = (0..<(window.height * window.width)).dropFirst().map {
      $0 / window.width * line + $0 % window.width * pixel
    }
    xStep = window.width * pixel
    yStep = y.pixelStride
    xRow = window.height * line
    yRow = columns * y.pixelStride
  }

  /// Calls `body` for every row of windows in every group of eight channels.
  func forEachRow(_ body: (_ row: UnsafePointer<WindowRow>, _ place: RowPlace) -> Void) {
    others.withUnsafeBufferPointer { others in
      var line = WindowRow(
        others: others.baseAddress, other_count: others.count, columns: columns, x_step: xStep, y_step: yStep)
      for row in 0..<rows {
        let (sample, rowInSample) = row.quotientAndRemainder(dividingBy: rowsPerSample)
        let xStart = sample * x.sampleStride + rowInSample * xRow
        let yStart = sample * y.sampleStride + rowInSample * yRow
        for group in 0..<x.groups {
          body(
            &line, RowPlace(group: group, x: xStart + x.offset(group: group), y: yStart + y.offset(group: group)))
        }
      }
    }
  }

  /// One row of windows in a group of eight channels.
  struct RowPlace {
    let group: Int
    /// Offset in floats of the first window's first element, and of its result.
    let x: Int
    let y: Int
  }
}

/// Maximum of windows side by side, from one layout into another in the same pass, and its gradient.
///
/// Channels are a multiple of 8, extents multiples of the window's. Backward finds each winner again by its value, so
/// that nothing is kept for it but what the network holds anyway.
public struct WindowMaximum {
  private let grid: WindowGrid

  /// Whether the kernel supports `[N, C, H, W]` images with this window.
  public static func fits(_ shape: Shape, window: Pair) -> Bool { WindowGrid.fits(shape, window: window) }

  /// - Parameters:
  ///   - shape: shape of the images, `[N, C, H, W]`.
  ///   - source: layout of `x` and `dx`.
  ///   - target: layout of `y` and `dy`.
  /// - Precondition: `fits`.
  public init(_ shape: Shape, window: Pair, from source: PictureLayout, to target: PictureLayout) {
    grid = WindowGrid(shape, window, from: source, to: target)
  }

  public func forward(x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>) {
    grid.forEachRow { row, place in windows_maximum(row, x + place.x, y + place.y) }
  }

  /// - Parameters:
  ///   - x: as in `forward`.
  ///   - dy: gradient of `y`.
  ///   - dx: gradient of `x`, written; the first winner of a window takes it all.
  ///   - rectified: `x` comes from a ReLU, whose gradient is taken as well: what is not positive gets none.
  public func backward(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, rectified: Bool
  ) {
    // Where x is rectified no winner is below 0, so one comparison with this floor serves both cases.
    let floor: Float = rectified ? 0 : -.infinity
    grid.forEachRow { row, place in
      windows_maximum_gradient(row, x + place.x, dy + place.y, dx + place.x, floor)
    }
  }
}
