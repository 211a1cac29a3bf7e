/// Windows side by side that cover pictures, and where their elements and results lie, eight channels at a time.
struct WindowGrid {
  /// Rows of windows over all samples, and windows of a row.
  let rows: Int
  let columns: Int
  /// Groups of eight channels.
  var groups: Int { x.groups }
  /// Floats from a window's first element to its others.
  let others: [Int]
  /// Floats from a window to the next one of its row, in the pictures and in the results.
  let xStep: Int
  let yStep: Int
  private let x: LanePlaces
  private let y: LanePlaces
  private let rowsPerSample: Int
  /// Floats from a row of windows to the next one.
  private let xRow: Int
  private let yRow: Int

  /// Whether windows of that extent cover `[N, C, H, W]` pictures, and groups of eight their channels.
  static func fits(_ shape: Shape, window: Pair) -> Bool {
    shape.rank == 4 && shape[1] % 8 == 0 && shape[2] % window.height == 0 && shape[3] % window.width == 0
  }

  /// - Precondition: `fits`; layouts in blocks need channels in multiples of 16.
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

  /// Floats before the first element of a row's first window.
  func xStart(row: Int, group: Int) -> Int {
    row / rowsPerSample * x.sampleStride + row % rowsPerSample * xRow + x.offset(group: group)
  }

  /// Floats before the result of a row's first window.
  func yStart(row: Int, group: Int) -> Int {
    row / rowsPerSample * y.sampleStride + row % rowsPerSample * yRow + y.offset(group: group)
  }
}
