/// Moves pictures between `[N, C, H, W]`, the order of tensors, and `[N, H, W, C]`, the order of executors.
public enum ChannelOrder {
  /// `[N, C, H, W]` to `[N, H, W, C]`.
  public static func toChannelsLast(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, batch: Int, channels: Int, area: Int
  ) {
    for n in 0..<batch {
      transpose(x + n * channels * area, into: y + n * channels * area, rows: channels, columns: area)
    }
  }

  /// `[N, H, W, C]` to `[N, C, H, W]`.
  public static func toChannelsFirst(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, batch: Int, channels: Int, area: Int
  ) {
    for n in 0..<batch {
      transpose(x + n * channels * area, into: y + n * channels * area, rows: area, columns: channels)
    }
  }

  /// `y[c, r] = x[r, c]`, in tiles that stay in the cache.
  public static func transpose(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    let tile = 32
    for top in stride(from: 0, to: rows, by: tile) {
      for left in stride(from: 0, to: columns, by: tile) {
        for r in top..<min(top + tile, rows) {
          for c in left..<min(left + tile, columns) { y[c * rows + r] = x[r * columns + c] }
        }
      }
    }
  }
}
