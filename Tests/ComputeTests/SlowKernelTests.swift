import Testing

@testable import Compute

@Suite("Slow kernels")
struct SlowKernelTests {
  private static func geometry(channels: Int, groups: Int) -> ConvolutionGeometry {
    ConvolutionGeometry(
      batch: 1, input: PlaneStack(channels: channels, height: 100, width: 100), outputChannels: channels,
      kernel: Pair(7), padding: Padding(3), groups: groups)
  }

  private static func slow(_ implementation: String, channels: Int = 64, groups: Int = 1) -> SlowKernel? {
    SlowKernel(geometry(channels: channels, groups: groups), implementation: implementation, node: "conv3")
  }

  @Test("plain loops, our own matrix products and narrow ones are slow")
  func factors() {
    #expect(Self.slow("ref:any")?.factor == .reference)
    #expect(Self.slow(MatrixConvolution.implementation)?.factor == .matrix)
    #expect(Self.slow("x64:gemm:jit", groups: 64)?.factor == .smallMatrix)
    #expect(Self.slow("x64:gemm:jit") == nil)
    #expect(Self.slow(CompiledConvolution.implementation, groups: 32)?.factor == .smallMatrix)
    #expect(Self.slow(CompiledConvolution.implementation) == nil)
    #expect(Self.slow(CompiledConvolution.implementation, groups: 64) == nil)
    #expect(Self.slow("jit:avx2") == nil)
    #expect(Self.slow("brgconv:avx512_core") == nil)
  }

  @Test("little work is no reason to warn")
  func littleWork() {
    #expect(Self.slow("ref:any", channels: 2) == nil)
    #expect(SlowKernel("pooling", operations: 1000, implementation: "ref:any", node: "pool") == nil)
    #expect(SlowKernel("pooling", operations: 1 << 30, implementation: "ref:any", node: "pool")?.factor == .reference)
  }

  @Test("the message names layer, shape, code and factor")
  func message() throws {
    let text = try #require(Self.slow("ref:any")).description
    for part in ["'conv3'", "[64, 100, 100]", "7×7", "ref:any", "50 times"] { #expect(text.contains(part), "\(text)") }
  }
}
