/// Splits one image into two that a Winograd kernel processes as a batch, in blocks.
///
/// For a batch of one, oneDNN uses another algorithm, F(2×2, 3×3), which rounds differently; an image's result must not
/// depend on the batch. The halves overlap in the rows that filters of both reach, and start at tile boundaries, so all
/// tiles have the same contents as in the whole image.
struct PictureHalves {
  /// The geometry of both halves; the input includes the padding rows.
  let geometry: ConvolutionGeometry
  private let whole: ConvolutionGeometry
  /// Output rows per half: whole tiles.
  private let rows: Int

  /// Output rows per tile.
  private static let tile = 4

  /// nil for batches of several samples.
  init?(_ g: ConvolutionGeometry) {
    guard g.batch == 1 else { return nil }
    whole = g
    rows = ((g.output.height + 1) / 2 + Self.tile - 1) / Self.tile * Self.tile
    geometry = ConvolutionGeometry(
      batch: 2,
      input: PlaneStack(channels: g.input.channels, height: rows + g.kernel.height - 1, width: g.input.width),
      outputChannels: g.output.channels, kernel: g.kernel,
      padding: Padding(top: 0, left: g.padding.left, bottom: 0, right: g.padding.right))
  }

  /// Bytes of the input and of the output of both halves.
  var inputBytes: Int { Self.bytes(geometry.inputShape) }
  var outputBytes: Int { Self.bytes(geometry.outputShape) }

  /// Copies the rows of the image into the halves, with zeros in the padding.
  func splitInput(_ x: UnsafePointer<Float>, into halves: UnsafeMutablePointer<Float>) {
    split(x, whole.input, into: halves, geometry.input, above: whole.padding.top)
  }

  /// Copies the contents of the output into the halves.
  func splitOutput(_ y: UnsafePointer<Float>, into halves: UnsafeMutablePointer<Float>) {
    split(y, whole.output, into: halves, geometry.output, above: 0)
  }

  /// Copies the rows of the halves into the output.
  func joinOutput(_ halves: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    let row = whole.output.width * PictureLayout.blockWidth
    for half in 0..<2 {
      let count = min(rows, whole.output.height - half * rows)
      guard count > 0 else { continue }
      for block in 0..<(whole.output.channels / PictureLayout.blockWidth) {
        let source = (half * whole.output.channels / PictureLayout.blockWidth + block) * rows
        (y + (block * whole.output.height + half * rows) * row).update(from: halves + source * row, count: count * row)
      }
    }
  }

  private func split(
    _ picture: UnsafePointer<Float>, _ stack: PlaneStack, into halves: UnsafeMutablePointer<Float>, _ part: PlaneStack,
    above: Int
  ) {
    let row = stack.width * PictureLayout.blockWidth
    let blocks = stack.channels / PictureLayout.blockWidth
    for half in 0..<2 {
      let start = half * rows - above
      let inside = max(start, 0)..<max(min(start + part.height, stack.height), max(start, 0))
      for block in 0..<blocks {
        let target = halves + (half * blocks + block) * part.height * row
        let (before, count) = ((inside.lowerBound - start) * row, inside.count * row)
        target.update(repeating: 0, count: before)
        (target + before).update(
          from: picture + (block * stack.height + inside.lowerBound) * row, count: count)
        (target + before + count).update(repeating: 0, count: part.height * row - before - count)
      }
    }
  }

  private static func bytes(_ shape: Shape) -> Int { shape.count * MemoryLayout<Float>.stride }
}
