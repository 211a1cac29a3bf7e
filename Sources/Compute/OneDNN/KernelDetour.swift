/// Copies of pictures in blocks, for a kernel that takes them channels last only.
///
/// Used by one thread at a time.
final class KernelDetour {
  /// Memory for the copies, and for making them.
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

  /// Working memory for a kernel that needs `bytes` itself.
  func scratchBytes(around bytes: Int) -> Int { copyBytes + max(reorderingBytes, bytes) }

  /// Runs `body` on copies of `x` and `y`.
  ///
  /// - Parameter readsOutput: `body` reads what `y` holds.
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

  /// Runs `body` on copies of `x` and `dy`, pictures as of the output.
  func read(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, scratch: UnsafeMutableRawPointer,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutableRawPointer) throws(ComputeError) -> Void
  ) throws(ComputeError) {
    let copies = Copies(scratch, self)
    try enterInput.run(x: x, y: copies.input, scratch: copies.free)
    try enterOutput.run(x: dy, y: copies.output, scratch: copies.free)
    try body(copies.input, copies.output, copies.free)
  }

  /// Parts of the scratch memory.
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

  /// Bytes of floats in whole cache lines.
  private static func wholeLines(_ count: Int) -> Int {
    (count * MemoryLayout<Float>.stride + AlignedStorage.alignment - 1) / AlignedStorage.alignment
      * AlignedStorage.alignment
  }
}
