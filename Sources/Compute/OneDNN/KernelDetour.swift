/// Copies images from blocks to channels-last order and back, for a kernel that supports only the latter.
///
/// Used by one thread at a time.
final class KernelDetour {
  /// Memory for the copies, and for the reorders.
  private let copyBytes: Int
  private let reorderingBytes: Int
  private let inputBytes: Int
  private let enterInput: PictureReordering
  private let enterOutput: PictureReordering
  private let leaveOutput: PictureReordering

  init(from input: Shape, to output: Shape, node: String) throws(ComputeError) {
    enterInput = try PictureReordering(input, from: .blocks, to: .channelsLast, node: node)
    enterOutput = try PictureReordering(output, from: .blocks, to: .channelsLast, node: node)
    leaveOutput = try PictureReordering(output, from: .channelsLast, to: .blocks, node: node)
    inputBytes = Self.wholeLines(input.count)
    copyBytes = inputBytes + Self.wholeLines(output.count)
    reorderingBytes = max(enterInput.scratchBytes, enterOutput.scratchBytes, leaveOutput.scratchBytes)
  }

  /// Scratch memory including the `bytes` of the kernel itself.
  func scratchBytes(around bytes: Int) -> Int { copyBytes + max(reorderingBytes, bytes) }

  /// Runs `body` on copies of `x` and `y`.
  ///
  /// - Parameter readsOutput: whether `body` reads the contents of `y`.
  func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, readsOutput: Bool, scratch: UnsafeMutableRawPointer,
    _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutableRawPointer) throws(ComputeError) -> Void
  ) throws(ComputeError) {
    let copies = Copies(scratch, self)
    try enterInput.run(x: x, y: copies.input, scratch: copies.free)
    if readsOutput { try enterOutput.run(x: y, y: copies.output, scratch: copies.free) }
    try body(copies.input, copies.output, copies.free)
    try leaveOutput.run(x: copies.output, y: y, scratch: copies.free)
  }

  /// Runs `body` on copies of `x` and `dy`; `dy` has the output's shape.
  func read(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, scratch: UnsafeMutableRawPointer,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutableRawPointer) throws(ComputeError) -> Void
  ) throws(ComputeError) {
    let copies = Copies(scratch, self)
    try enterInput.run(x: x, y: copies.input, scratch: copies.free)
    try enterOutput.run(x: dy, y: copies.output, scratch: copies.free)
    try body(copies.input, copies.output, copies.free)
  }

  /// Layout of the scratch memory.
  private struct Copies {
    let input: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let free: UnsafeMutableRawPointer

    init(_ scratch: UnsafeMutableRawPointer, _ detour: KernelDetour) {
      input = scratch.assumingMemoryBound(to: Float.self)
      output = (scratch + detour.inputBytes).assumingMemoryBound(to: Float.self)
      free = scratch + detour.copyBytes
    }
  }

  /// Bytes of `count` floats, rounded up to whole cache lines.
  private static func wholeLines(_ count: Int) -> Int {
    (count * MemoryLayout<Float>.stride + AlignedStorage.alignment - 1) / AlignedStorage.alignment
      * AlignedStorage.alignment
  }
}
