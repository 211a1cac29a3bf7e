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
    grid.others.withUnsafeBufferPointer { others in
      for row in 0..<grid.rows {
        for group in 0..<grid.groups {
          var first = x + grid.xStart(row: row, group: group)
          var result = y + grid.yStart(row: row, group: group)
          for _ in 0..<grid.columns {
            var best = Lane(at: first)
            for place in others {
              let value = Lane(at: first + place)
              best.replace(with: value, where: value .> best)
            }
            best.store(at: result)
            first += grid.xStep
            result += grid.yStep
          }
        }
      }
    }
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
    let floor = Lane(repeating: rectified ? 0 : -.infinity)
    grid.others.withUnsafeBufferPointer { others in
      for row in 0..<grid.rows {
        for group in 0..<grid.groups {
          let start = grid.xStart(row: row, group: group)
          let resultStart = grid.yStart(row: row, group: group)
          for column in 0..<grid.columns {
            let first = start + column * grid.xStep
            var best = Lane(at: x + first)
            for place in others {
              let value = Lane(at: x + (first + place))
              best.replace(with: value, where: value .> best)
            }
            // What is left to give: the first element equal to the winner takes it.
            var rest = Lane(at: dy + (resultStart + column * grid.yStep)).replacing(with: 0, where: best .<= floor)
            give(&rest, to: first, x, dx, best)
            for place in others { give(&rest, to: first + place, x, dx, best) }
          }
        }
      }
    }
  }

  @inline(__always)
  private func give(
    _ rest: inout Lane, to place: Int, _ x: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, _ best: Lane
  ) {
    let isWinner = Lane(at: x + place) .== best
    Lane.zero.replacing(with: rest, where: isWinner).store(at: dx + place)
    rest.replace(with: 0, where: isWinner)
  }
}
