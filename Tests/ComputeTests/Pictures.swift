import Compute

/// Lets kernels that take `[N, H, W, C]` pictures be called with tensors in `[N, C, H, W]` order.
enum Pictures {
  static func inChannelsLast<R>(_ x: Tensor, _ body: (UnsafePointer<Float>) throws -> R) rethrows -> R {
    let storage = AlignedStorage(uninitialisedCount: x.count)
    x.withFloats {
      ChannelOrder.toChannelsLast(
        $0.start, into: storage.base, batch: x.shape[0], channels: x.shape[1], area: x.shape[2] * x.shape[3])
    }
    return try body(storage.base)
  }

  /// Gives `x` to `body` and returns what it writes as a tensor of `shape`.
  static func run(
    _ x: Tensor, to shape: Shape, scratchBytes: Int,
    _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutableRawPointer) throws -> Void
  ) rethrows -> Tensor {
    let output = AlignedStorage(repeating: .nan, count: shape.count)
    let scratch = AlignedStorage(uninitialisedCount: scratchBytes / 4 + 1)
    try inChannelsLast(x) { try body($0, output.base, UnsafeMutableRawPointer(scratch.base)) }
    return Tensor(shape) {
      ChannelOrder.toChannelsFirst(
        output.base, into: $0.start, batch: shape[0], channels: shape[1], area: shape[2] * shape[3])
    }
  }
}

/// Largest difference, relative to the largest expected value (at least 1); infinite where something is not finite.
func deviation(_ found: Tensor, _ expected: Tensor) -> Float {
  guard found.shape == expected.shape, found.isFinite else { return .infinity }
  let scale = expected.values.reduce(1) { max($0, abs($1)) }
  return zip(found.values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
}
