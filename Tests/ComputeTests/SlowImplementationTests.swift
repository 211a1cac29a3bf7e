import Testing

@testable import Compute

@Suite("Slow implementations")
struct SlowImplementationTests {
  @Test("only reference code for much work is refused")
  func rule() {
    #expect(PrimitiveDescription.isTooSlow("ref:any", work: 20_000_000))
    #expect(!PrimitiveDescription.isTooSlow("ref:any", work: 1_000))
    #expect(!PrimitiveDescription.isTooSlow("brgconv:avx512_core", work: .max))
  }

  @Test("the message names the layer, the code and a way out")
  func message() {
    let text = ComputeError.slowImplementation(node: "conv3", implementation: "ref:any").description
    #expect(text.contains("'conv3'") && text.contains("ref:any") && text.contains("channels"))
  }
}
