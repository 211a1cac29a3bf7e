/// A layer whose kernel is far slower than on other processors or for other shapes.
public struct SlowKernel: Hashable, Sendable, CustomStringConvertible {
  /// Approximate slowdown against a direct vectorised kernel.
  public enum Factor: Int, Sendable {
    /// im2col and a matrix product: 1.1 to 1.6 times for 32 channels or more (measured, AVX2 and AVX-512), else more.
    case matrix = 2
    /// The same with few channels per group, where the matrix products are too small to be efficient.
    case smallMatrix = 10
    /// oneDNN's reference loops.
    case reference = 50
  }

  /// The layer's name.
  public let node: String
  /// The operation and its shape.
  public let work: String
  /// Name of the kernel in use.
  public let implementation: String
  public let factor: Factor

  public var description: String {
    "layer '\(node)' (\(work)) runs as '\(implementation)', roughly \(factor.rawValue) times slower than direct code: "
      + "oneDNN has none for this shape on this processor (\(ComputeVersions.instructionSet))"
  }
}

extension SlowKernel {
  /// The warning for a convolution's kernel; nil if it is fast or the work is small.
  init?(_ g: ConvolutionGeometry, implementation: String, node: String) {
    guard g.multiplications >= Self.leastWork else { return nil }
    let isPanels = implementation == CompiledConvolution.implementation
    let isMatrix = implementation.contains("gemm") || isPanels
    guard isMatrix || implementation.hasPrefix("ref") else { return nil }
    let channels = min(g.input.channels, g.output.channels) / g.groups
    // oneDNN's own matrix products are as fast as direct code unless a group has too few channels.
    // Compiled kernels have depthwise code beside the panels.
    let isNarrow = g.groups > 1 && channels < 8 && !(isPanels && g.isDepthwise)
    guard !isMatrix || isNarrow || implementation == MatrixConvolution.implementation else { return nil }
    self.node = node
    self.implementation = implementation
    work = "convolution of \(g.input) to \(g.output), \(g.kernel), \(g.groups) groups"
    factor = !isMatrix ? .reference : isNarrow ? .smallMatrix : .matrix
  }

  /// The warning for another layer's kernel; nil if it is fast or the work is small.
  init?(_ work: String, operations: Int, implementation: String, node: String) {
    guard operations >= Self.leastWork, implementation.hasPrefix("ref") else { return nil }
    self.node = node
    self.work = work
    self.implementation = implementation
    factor = .reference
  }

  /// Multiplications per run below which any kernel is fast enough.
  static let leastWork = 20_000_000
}
