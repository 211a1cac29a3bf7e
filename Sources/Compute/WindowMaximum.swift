import CVectorLoops

/// Maximum of windows side by side, from one layout into another in the same pass, and its gradient.
///
/// Channels are a multiple of 8, extents multiples of the window's. Backward finds each winner again by its value, so
/// that nothing is kept for it but what the network holds anyway.
public struct WindowMaximum {
  private let grid: WindowGrid

  /// Whether the kernel can work on `[N, C, H, W]` pictures with such windows.
  public static func fits(_ shape: Shape, window: Pair) -> Bool { WindowGrid.fits(shape, window: window) }

  /// - Parameters:
  ///   - shape: of the pictures, `[N, C, H, W]`.
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
