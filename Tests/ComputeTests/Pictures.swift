import Compute

/// Lets kernels that take pictures in an executor's layouts be called with tensors in `[N, C, H, W]` order.
enum Pictures {
  static func laidOut<R>(
    _ x: Tensor, _ layout: PictureLayout = .channelsLast, _ body: (UnsafePointer<Float>) throws -> R
  ) rethrows -> R {
    let storage = AlignedStorage(uninitialisedCount: x.count)
    let planes = layout.matrices(x.shape)
    x.withFloats {
      ChannelOrder.toChannelsLast(
        $0.start, into: storage.base, batch: planes.count, channels: planes.columns, area: planes.rows)
    }
    return try body(storage.base)
  }

  /// A tensor of `shape` from pictures in a layout.
  static func tensor(_ pictures: UnsafePointer<Float>, _ shape: Shape, _ layout: PictureLayout = .channelsLast)
    -> Tensor
  {
    let planes = layout.matrices(shape)
    return Tensor(shape) {
      ChannelOrder.toChannelsFirst(
        pictures, into: $0.start, batch: planes.count, channels: planes.columns, area: planes.rows)
    }
  }

  /// Gives `x` to `body` and returns what it writes as a tensor of `shape`.
  static func run(
    _ x: Tensor, _ source: PictureLayout = .channelsLast, to shape: Shape, _ target: PictureLayout = .channelsLast,
    scratchBytes: Int,
    _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutableRawPointer) throws -> Void
  ) rethrows -> Tensor {
    let output = AlignedStorage(repeating: .nan, count: shape.count)
    let scratch = AlignedStorage(uninitialisedCount: scratchBytes / 4 + 1)
    try laidOut(x, source) { try body($0, output.base, UnsafeMutableRawPointer(scratch.base)) }
    return tensor(output.base, shape, target)
  }
}

/// Largest difference, relative to the largest expected value (at least 1); infinite where something is not finite.
func deviation(_ found: Tensor, _ expected: Tensor) -> Float {
  guard found.shape == expected.shape, found.isFinite else { return .infinity }
  let scale = expected.values.reduce(1) { max($0, abs($1)) }
  return zip(found.values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
}
