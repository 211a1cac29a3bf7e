import Compute
import ComputeSupport
import Testing

/// One convolution with random contents.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let geometry: ConvolutionGeometry

  init(
    _ description: String, batch: Int = 2, channels: Int = 3, height: Int = 5, width: Int = 7, filters: Int = 4,
    kernel: Pair = Pair(3), stride: Pair = Pair(1), dilation: Pair = Pair(1), padding: Padding = Padding(1),
    groups: Int = 1
  ) {
    testDescription = description
    geometry = ConvolutionGeometry(
      batch: batch, input: PlaneStack(channels: channels, height: height, width: width), outputChannels: filters,
      kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: groups)
  }

  static let all: [ConvolutionCase] = [
    .init("3×3"),
    .init("stride 2", stride: Pair(2)),
    .init("5×5 in 8 channels", channels: 8, filters: 8, kernel: Pair(5), padding: Padding(2)),
    .init("no padding", padding: Padding(0)),
    .init("uneven padding", padding: Padding(top: 0, left: 2, bottom: 1, right: 0)),
    .init("uneven kernel and stride", kernel: Pair(height: 1, width: 4), stride: Pair(height: 2, width: 1)),
    .init("dilation 2", dilation: Pair(2), padding: Padding(2)),
    .init("two groups", channels: 6, filters: 10, groups: 2),
    .init("depthwise, 16 channels", channels: 16, filters: 16, stride: Pair(2), groups: 16),
    .init("depthwise, 5 channels", channels: 5, filters: 5, groups: 5),
    .init("1×1, 17 to 33 channels", channels: 17, filters: 33, kernel: Pair(1), padding: Padding(0)),
    .init("in pixel pairs, 3×3", channels: 3, width: 8, filters: 8),
    .init("in pixel pairs, 5×5", channels: 8, width: 10, filters: 8, kernel: Pair(5), padding: Padding(2)),
    .init("in pixel pairs backward", channels: 8, width: 6, filters: 16, kernel: Pair(5), padding: Padding(2)),
    .init("in pixel pairs, stride 2 down", channels: 4, width: 8, filters: 6, stride: Pair(height: 2, width: 1)),
    .init(
      "in pixel pairs, 2 wide", channels: 5, width: 8, filters: 7, kernel: Pair(2),
      padding: Padding(top: 0, left: 1, bottom: 1, right: 0)),
    .init(
      "in pixel pairs, 4 wide", channels: 5, width: 8, filters: 7, kernel: Pair(4),
      padding: Padding(top: 1, left: 0, bottom: 1, right: 3)),
    .init("one sample, 32 channels", batch: 1, channels: 32, height: 9, width: 11, filters: 64),
  ]

  struct Contents {
    let x, weight, bias, dy: Tensor
  }

  func contents(seed: UInt64 = 3) -> Contents {
    var generator = SeededGenerator(seed: seed)
    return Contents(
      x: .normal(geometry.inputShape, using: &generator), weight: .normal(geometry.weightShape, using: &generator),
      bias: .normal([geometry.output.channels], using: &generator),
      dy: .normal(geometry.outputShape, using: &generator))
  }
}

@Suite("Convolutions")
struct ConvolutionTests {
  @Test("im2col agrees with the definition", arguments: ConvolutionCase.all)
  func im2col(_ c: ConvolutionCase) {
    let data = c.contents()
    let g = c.geometry
    let (dx, dw, db) = LoopConvolution.backward(data.dy, x: data.x, weight: data.weight, g)
    let y = LoopConvolution.forward(data.x, weight: data.weight, bias: data.bias, g)
    #expect(deviation(Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, g), y) < 1e-5)
    #expect(deviation(Im2colConvolution.inputGradient(data.dy, weight: data.weight, g), dx) < 1e-5)
    let parameters = Im2colConvolution.parameterGradients(data.dy, x: data.x, g)
    #expect(deviation(parameters.weight, dw) < 1e-5)
    #expect(deviation(parameters.bias, db) < 1e-5)
  }

  @Test("oneDNN forward agrees with im2col", arguments: ConvolutionCase.all, [false, true])
  func forward(_ c: ConvolutionCase, relu: Bool) throws {
    let data = c.contents()
    let expected = Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, c.geometry)
    let kernel = try ConvolutionForward(c.geometry, activation: relu ? .relu : nil, node: c.testDescription)
    try kernel.load(weight: data.weight, bias: data.bias)
    let y = try Pictures.run(data.x, to: c.geometry.outputShape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
      try kernel.run(x: x, y: y, scratch: scratch)
    }
    #expect(deviation(y, relu ? expected.map { max($0, 0) } : expected) < 1e-5)
  }

  @Test(
    "functions that are fused into a convolution give what they give by themselves",
    arguments: [
      .leakyRelu(slope: 0.1), .clip(low: -0.5, high: 0.7), .sigmoid, .tanh, .silu, .hardSwish, .gelu, .geluTanh,
    ] as [ElementwiseKernels.Function])
  func activations(_ function: ElementwiseKernels.Function) throws {
    #expect(function.fuses)
    for c in ConvolutionCase.all {
      let data = c.contents()
      var expected = Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, c.geometry)
      expected.withMutableFloats { ElementwiseKernels.apply(function, $0.start, into: $0.start, count: $0.count) }
      let kernel = try ConvolutionForward(c.geometry, activation: function, node: c.testDescription)
      try kernel.load(weight: data.weight, bias: data.bias)
      let y = try Pictures.run(data.x, to: c.geometry.outputShape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
        try kernel.run(x: x, y: y, scratch: scratch)
      }
      #expect(deviation(y, expected) < 1e-4, "\(c.testDescription)")
    }
  }

  @Test("oneDNN adds to its output when told to")
  func sum() throws {
    let c = ConvolutionCase.all[2]
    let data = c.contents()
    let kernel = try ConvolutionForward(c.geometry, activation: .relu, addsToOutput: true, node: "sum")
    try kernel.load(weight: data.weight, bias: nil)
    let y = try Pictures.run(data.x, to: c.geometry.outputShape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
      y.update(repeating: 0.5, count: c.geometry.outputShape.count)
      try kernel.run(x: x, y: y, scratch: scratch)
    }
    let expected = Im2colConvolution.forward(data.x, weight: data.weight, bias: nil, c.geometry)
    #expect(deviation(y, expected.map { max($0 + 0.5, 0) }) < 1e-5)
  }

  @Test("oneDNN gradients agree with im2col", arguments: ConvolutionCase.all)
  func backward(_ c: ConvolutionCase) throws {
    let data = c.contents()
    let g = c.geometry
    let inputKernel = try ConvolutionBackwardData(g, node: c.testDescription)
    try inputKernel.load(weight: data.weight)
    let dx = try Pictures.run(data.dy, to: g.inputShape, scratchBytes: inputKernel.scratchBytes) { dy, dx, scratch in
      try inputKernel.run(dy: dy, dx: dx, scratch: scratch)
    }
    #expect(deviation(dx, Im2colConvolution.inputGradient(data.dy, weight: data.weight, g)) < 1e-5)

    let expected = Im2colConvolution.parameterGradients(data.dy, x: data.x, g)
    for hasBias in [true, false] {
      let kernel = try ConvolutionBackwardWeights(g, hasBias: hasBias, node: c.testDescription)
      var dw = Tensor(g.weightShape)
      var db = Tensor([g.output.channels])
      let scratch = AlignedStorage(uninitialisedCount: kernel.scratchBytes / 4 + 1)
      try Pictures.laidOut(data.x) { x in
        try Pictures.laidOut(data.dy) { dy in
          try dw.withMutableFloats { dw in
            try db.withMutableFloats { db in
              try kernel.run(
                x: x, dy: dy, dw: dw.start, db: hasBias ? db.start : nil, scratch: UnsafeMutableRawPointer(scratch.base)
              )
            }
          }
        }
      }
      #expect(deviation(dw, expected.weight) < 1e-5)
      #expect(deviation(db, hasBias ? expected.bias : Tensor(db.shape)) < 1e-5)
    }
  }

  @Test(
    "the layers of the paper's network run in fast code", arguments: [(3, 8, 3), (8, 8, 5), (8, 16, 5), (16, 16, 5)])
  func implementations(_ layer: (inputs: Int, filters: Int, kernel: Int)) throws {
    let g = ConvolutionGeometry(
      batch: 4, input: PlaneStack(channels: layer.inputs, height: 128, width: 128), outputChannels: layer.filters,
      kernel: Pair(layer.kernel), padding: Padding(layer.kernel / 2))
    let names = [
      try ConvolutionForward(g, node: "a").implementation,
      try ConvolutionBackwardData(g, node: "a").implementation,
      try ConvolutionBackwardWeights(g, hasBias: false, node: "a").implementation,
    ]
    #expect(names.allSatisfy { !$0.hasPrefix("ref") }, "\(names)")
  }
}
