import Compute
import ComputeSupport
import Testing

@Suite("Convolutions in blocks of 16 channels")
struct BlockedConvolutionTests {
  /// Of the largest value, with gradients of filters that sum over many pixels.
  static let tolerance: Float = 1e-5

  static let cases: [ConvolutionCase] = [
    .init("Winograd", batch: 3, channels: 32, height: 9, width: 11, filters: 32),
    .init("Winograd, 48 to 80 channels", batch: 5, channels: 48, height: 8, width: 13, filters: 80),
    .init("Winograd without padding", channels: 32, height: 10, width: 7, filters: 64, padding: Padding(0)),
    .init("Winograd, one sample", batch: 1, channels: 64, height: 16, width: 16, filters: 32),
    .init("Winograd, several portions", batch: 6, channels: 32, height: 40, width: 40, filters: 32),
    .init("stride 2", channels: 32, height: 9, width: 11, filters: 48, stride: Pair(2)),
    .init("1×1", channels: 16, height: 5, width: 7, filters: 48, kernel: Pair(1), padding: Padding(0)),
    .init("5×5", channels: 16, height: 9, width: 8, filters: 16, kernel: Pair(5), padding: Padding(2)),
    .init("depthwise", channels: 48, height: 9, width: 8, filters: 48, groups: 48),
  ]

  @Test("which convolutions Winograd suits")
  func suits() {
    let suiting = Self.cases.filter { Winograd.suits($0.geometry) }.map(\.testDescription)
    // None where the processor has no such code.
    #expect(suiting.isEmpty || suiting == Self.cases.prefix(5).map(\.testDescription))
    for channels in [3, 5, 8, 16, 24, 40] {
      #expect(!Winograd.suits(ConvolutionCase("", channels: channels, filters: 32).geometry))
      #expect(!Winograd.suits(ConvolutionCase("", channels: 32, filters: channels).geometry))
    }
  }

  @Test("forward agrees with im2col", arguments: cases, [false, true])
  func forward(_ c: ConvolutionCase, training: Bool) throws {
    let data = c.contents()
    let expected = Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, c.geometry)
    let kernel = try ConvolutionForward(
      c.geometry, layout: .blocks, activation: .relu, training: training, node: c.testDescription)
    try kernel.load(weight: data.weight, bias: data.bias)
    let y = try Pictures.run(
      data.x, .blocks, to: c.geometry.outputShape, .blocks, scratchBytes: kernel.scratchBytes
    ) { x, y, scratch in
      try kernel.run(x: x, y: y, scratch: scratch)
    }
    #expect(deviation(y, expected.map { max($0, 0) }) < Self.tolerance)
  }

  @Test("gradients agree with im2col", arguments: cases)
  func backward(_ c: ConvolutionCase) throws {
    let data = c.contents()
    let g = c.geometry
    let inputKernel = try ConvolutionBackwardData(g, layout: .blocks, training: true, node: c.testDescription)
    try inputKernel.load(weight: data.weight)
    let dx = try Pictures.run(
      data.dy, .blocks, to: g.inputShape, .blocks, scratchBytes: inputKernel.scratchBytes
    ) { dy, dx, scratch in
      try inputKernel.run(dy: dy, dx: dx, scratch: scratch)
    }
    #expect(deviation(dx, Im2colConvolution.inputGradient(data.dy, weight: data.weight, g)) < Self.tolerance)

    let expected = Im2colConvolution.parameterGradients(data.dy, x: data.x, g)
    let kernel = try ConvolutionBackwardWeights(g, layout: .blocks, hasBias: true, node: c.testDescription)
    var dw = Tensor(g.weightShape)
    var db = Tensor([g.output.channels])
    let scratch = AlignedStorage(uninitialisedCount: kernel.scratchBytes / 4 + 1)
    try Pictures.laidOut(data.x, .blocks) { x in
      try Pictures.laidOut(data.dy, .blocks) { dy in
        try dw.withMutableFloats { dw in
          try db.withMutableFloats { db in
            try kernel.run(
              x: x, dy: dy, dw: dw.start, db: db.start, scratch: UnsafeMutableRawPointer(scratch.base))
          }
        }
      }
    }
    #expect(deviation(dw, expected.weight) < Self.tolerance)
    #expect(deviation(db, expected.bias) < Self.tolerance)
  }

  @Test("pictures survive the way into blocks and back", arguments: [16, 48])
  func reordering(_ channels: Int) throws {
    var generator = SeededGenerator(seed: 9)
    let x = Tensor.normal([2, channels, 3, 5], using: &generator)
    for (from, to) in [(PictureLayout.channelsLast, PictureLayout.blocks), (.blocks, .channelsLast)] {
      let kernel = try PictureReordering(x.shape, from: from, to: to, node: "change")
      let y = try Pictures.run(x, from, to: x.shape, to, scratchBytes: kernel.scratchBytes) { x, y, scratch in
        try kernel.run(x: x, y: y, scratch: scratch)
      }
      #expect(y == x)
    }
  }
}

@Suite("Few output channels in groups of pixels")
struct OutputGroupingTests {
  static let cases: [ConvolutionCase] = [
    .init("32 to 3 channels in fours", channels: 32, width: 8, filters: 3),
    .init("3 to 8 channels in pairs", channels: 3, width: 6, filters: 8),
    .init("1 channel in eights", channels: 5, width: 16, filters: 1),
    .init("uneven padding", channels: 24, width: 9, filters: 3, padding: Padding(top: 0, left: 2, bottom: 1, right: 1)),
    .init("stride 2 down, dilation 2 down", channels: 40, width: 8, filters: 5, stride: Pair(height: 2, width: 1)),
    .init("5×5", channels: 8, width: 12, filters: 3, kernel: Pair(5), padding: Padding(2)),
  ]

  @Test("agree with im2col", arguments: cases)
  func forward(_ c: ConvolutionCase) throws {
    let data = c.contents()
    let kernel = try ConvolutionForward(c.geometry, node: c.testDescription)
    try kernel.load(weight: data.weight, bias: data.bias)
    let y = try Pictures.run(data.x, to: c.geometry.outputShape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
      try kernel.run(x: x, y: y, scratch: scratch)
    }
    #expect(
      deviation(y, Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, c.geometry)) < 1e-5)
  }
}
