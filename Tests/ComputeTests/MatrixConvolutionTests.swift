import ComputeSupport
import Testing

@testable import Compute

/// The code for shapes that oneDNN has plain loops for, whether or not this processor is one that needs it.
@Suite("Convolutions without oneDNN, channels last")
struct MatrixConvolutionTests {
  static let cases =
    ConvolutionCase.all + [
      .init(
        "several stripes", batch: 2, channels: 6, height: 40, width: 70, filters: 5, kernel: Pair(7),
        padding: Padding(3)),
      .init("more padding than filter", channels: 4, kernel: Pair(3), padding: Padding(5)),
      .init("grouped and dilated", channels: 6, filters: 9, dilation: Pair(2), padding: Padding(2), groups: 3),
    ]

  @Test("gradients agree with im2col on tensors", arguments: cases)
  func gradients(_ c: ConvolutionCase) throws {
    let (g, data) = (c.geometry, c.contents())
    let kernel = MatrixConvolution(g)
    kernel.load(weight: data.weight)
    let dx = try Pictures.run(data.dy, to: g.inputShape, scratchBytes: kernel.scratchBytes) { dy, dx, scratch in
      try kernel.backwardData(dy: dy, dx: dx, scratch: scratch)
    }
    #expect(deviation(dx, Im2colConvolution.inputGradient(data.dy, weight: data.weight, g)) < 1e-5)
    var dw = Tensor(g.weightShape)
    let scratch = AlignedStorage(uninitialisedCount: kernel.scratchBytes / 4 + 1)
    try Pictures.laidOut(data.x) { x in
      try Pictures.laidOut(data.dy) { dy in
        try dw.withMutableFloats {
          try kernel.backwardWeights(x: x, dy: dy, dw: $0.start, scratch: UnsafeMutableRawPointer(scratch.base))
        }
      }
    }
    #expect(deviation(dw, Im2colConvolution.parameterGradients(data.dy, x: data.x, g).weight) < 1e-5)
  }

  @Test(
    "compiled kernels agree with im2col on tensors, added to the output or not", arguments: cases,
    [nil, .relu, .clip(low: -0.5, high: 0.7), .sigmoid] as [ElementwiseKernels.Function?])
  func forward(_ c: ConvolutionCase, function: ElementwiseKernels.Function?) throws {
    let (g, data) = (c.geometry, c.contents())
    for before in [nil, 0.75] as [Float?] {
      let kernel = try ConvolutionForward(
        g, activation: function, addsToOutput: before != nil, kernels: .compiled, node: c.testDescription)
      #expect(kernel.implementation == CompiledConvolution.implementation)
      try kernel.load(weight: data.weight, bias: data.bias)
      let y = try Pictures.run(data.x, to: g.outputShape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
        y.update(repeating: before ?? .nan, count: g.outputShape.count)
        try kernel.run(x: x, y: y, scratch: scratch)
      }
      var expected = Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, g)
        .map { $0 + (before ?? 0) }
      // A bound hides how large the sums are that were rounded.
      let scale = expected.values.reduce(1) { max($0, abs($1)) }
      if let function {
        let count = expected.count
        expected.withMutableFloats { ElementwiseKernels.apply(function, $0.start, into: $0.start, count: count) }
      }
      #expect(y.isFinite && zip(y.values, expected.values).allSatisfy { abs($0 - $1) < 1e-5 * scale })
    }
  }

  @Test("what is not a number stays visible behind a bound", arguments: [1, 16])
  func notANumber(_ groups: Int) throws {
    let c = ConvolutionCase("NaN", batch: 1, channels: 16, filters: 16, groups: groups)
    let data = c.contents()
    var x = data.x
    x[0] = .nan
    let kernel = try ConvolutionForward(c.geometry, activation: .relu, kernels: .compiled, node: "nan")
    try kernel.load(weight: data.weight, bias: data.bias)
    let y = try Pictures.run(x, to: c.geometry.outputShape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
      try kernel.run(x: x, y: y, scratch: scratch)
    }
    #expect(y[0].isNaN && !y[c.geometry.output.height * c.geometry.output.width - 1].isNaN)
  }

  @Test("a shape without fast code on any processor is computed, not refused", arguments: PictureLayout.all)
  func fallback(_ layout: PictureLayout) throws {
    let c = ConvolutionCase(
      "7×7, far padding", batch: 1, channels: 16, height: 113, width: 113, filters: 16, kernel: Pair(7),
      dilation: Pair(2), padding: Padding(top: 12, left: 12, bottom: 13, right: 13))
    let data = c.contents()
    let kernel = try ConvolutionForward(c.geometry, layout: layout, activation: .relu, addsToOutput: true, node: "far")
    try kernel.load(weight: data.weight, bias: data.bias)
    let y = try Pictures.run(
      data.x, layout, to: c.geometry.outputShape, layout, scratchBytes: kernel.scratchBytes
    ) { x, y, scratch in
      y.update(repeating: 1, count: c.geometry.outputShape.count)
      try kernel.run(x: x, y: y, scratch: scratch)
    }
    let expected = Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, c.geometry)
    #expect(deviation(y, expected.map { max($0 + 1, 0) }) < 1e-5, "\(kernel.implementation)")
  }
}

extension PictureLayout {
  static let all = [PictureLayout.channelsLast, .blocks]
}
