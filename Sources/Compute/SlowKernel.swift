/// A layer that runs in code far slower than other processors or other shapes get.
public struct SlowKernel: Hashable, Sendable, CustomStringConvertible {
  /// How many times the layer takes as long as in direct vector code, roughly.
  public enum Factor: Int, Sendable {
    /// im2col and a matrix product: 1.1 to 1.6 times for 32 channels and more (measured, AVX2 and AVX-512), more for few.
    case matrix = 2
    /// The same for a few channels a group, where the products are too small for it.
    case smallMatrix = 10
    /// oneDNN's plain loops.
    case reference = 50
  }

  /// The layer's name.
  public let node: String
  /// What it does to which shape.
  public let work: String
  /// Name of the code that runs.
  public let implementation: String
  public let factor: Factor

  public var description: String {
    "layer '\(node)' (\(work)) runs as '\(implementation)', roughly \(factor.rawValue) times slower than direct code: "
      + "oneDNN has none for this shape on this processor (\(ComputeVersions.instructionSet))"
  }
}

extension SlowKernel {
  /// What to say of the code of a convolution; nil where it is fast, or where there is little to compute.
  init?(_ g: ConvolutionGeometry, implementation: String, node: String) {
    guard g.multiplications >= Self.leastWork else { return nil }
    let isMatrix = implementation.contains("gemm")
    guard isMatrix || implementation.hasPrefix("ref") else { return nil }
    let channels = min(g.input.channels, g.output.channels) / g.groups
    // oneDNN's own matrix products keep pace with direct code unless a group is too narrow for them.
    let isNarrow = g.groups > 1 && channels < 8
    guard !isMatrix || isNarrow || implementation == MatrixConvolution.implementation else { return nil }
    self.node = node
    self.implementation = implementation
    work = "convolution of \(g.input) to \(g.output), \(g.kernel), \(g.groups) groups"
    factor = !isMatrix ? .reference : isNarrow ? .smallMatrix : .matrix
  }

  /// What to say of another layer's code; nil where it is fast, or where there is little to compute.
  init?(_ work: String, operations: Int, implementation: String, node: String) {
    guard operations >= Self.leastWork, implementation.hasPrefix("ref") else { return nil }
    self.node = node
    self.work = work
    self.implementation = implementation
    factor = .reference
  }

  /// Multiplications of one run below which layers stay fast enough in any code.
  static let leastWork = 20_000_000
}
