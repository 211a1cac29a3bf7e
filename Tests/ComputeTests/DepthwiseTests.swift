import ComputeSupport
import Testing

@testable import Compute

/// Depthwise convolutions of mobile networks, with TensorFlow's "same" padding.
@Suite("Depthwise convolutions")
struct DepthwiseTests {
  /// - Parameter last: padding behind; at stride 2 and an even size one more than before.
  private static func depthwise(
    _ channels: Int, kernel: Int, stride: Int, size: Int = 12, first: Int, last: Int
  ) -> ConvolutionCase {
    ConvolutionCase(
      "\(channels) channels, \(kernel)×\(kernel), stride \(stride), padding \(first) and \(last)", channels: channels,
      height: size, width: size + 2, filters: channels, kernel: Pair(kernel), stride: Pair(stride),
      padding: Padding(top: first, left: first, bottom: last, right: last), groups: channels)
  }

  static let cases = [96, 144, 240, 20].flatMap { channels in
    [
      depthwise(channels, kernel: 3, stride: 1, first: 1, last: 1),
      depthwise(channels, kernel: 3, stride: 2, first: 0, last: 1),
      depthwise(channels, kernel: 5, stride: 1, first: 2, last: 2),
      depthwise(channels, kernel: 5, stride: 2, first: 1, last: 2),
      depthwise(channels, kernel: 7, stride: 2, first: 2, last: 3),
    ]
  }

  @Test("agree with im2col", arguments: cases)
  func agreement(_ c: ConvolutionCase) throws {
    let (g, data) = (c.geometry, c.contents())
    let forward = try ConvolutionForward(g, activation: .clip(low: 0, high: 6), node: c.testDescription)
    try forward.load(weight: data.weight, bias: data.bias)
    let y = try Pictures.run(data.x, to: g.outputShape, scratchBytes: forward.scratchBytes) { x, y, scratch in
      try forward.run(x: x, y: y, scratch: scratch)
    }
    let expected = Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, g)
    #expect(deviation(y, expected.map { min(max($0, 0), 6) }) < 1e-5)
    let backward = try ConvolutionBackwardData(g, node: c.testDescription)
    try backward.load(weight: data.weight)
    let dx = try Pictures.run(data.dy, to: g.inputShape, scratchBytes: backward.scratchBytes) { dy, dx, scratch in
      try backward.run(dy: dy, dx: dx, scratch: scratch)
    }
    #expect(deviation(dx, Im2colConvolution.inputGradient(data.dy, weight: data.weight, g)) < 1e-5)
    try expectParameterGradients(c, data)
  }

  private func expectParameterGradients(_ c: ConvolutionCase, _ data: ConvolutionCase.Contents) throws {
    let expected = Im2colConvolution.parameterGradients(data.dy, x: data.x, c.geometry)
    let layouts = c.geometry.input.channels % 16 == 0 ? PictureLayout.all : [.channelsLast]
    for layout in layouts {
      let kernel = try ConvolutionBackwardWeights(c.geometry, layout: layout, hasBias: true, node: c.testDescription)
      let scratch = AlignedStorage(uninitialisedCount: kernel.scratchBytes / 4 + 1)
      var dw = Tensor(c.geometry.weightShape)
      var db = Tensor([c.geometry.output.channels])
      try Pictures.laidOut(data.x, layout) { x in
        try Pictures.laidOut(data.dy, layout) { dy in
          try dw.withMutableFloats { dw in
            try db.withMutableFloats { db in
              try kernel.run(
                x: x, dy: dy, dw: dw.start, db: db.start, scratch: UnsafeMutableRawPointer(scratch.base))
            }
          }
        }
      }
      #expect(deviation(dw, expected.weight) < 1e-5, "\(kernel.implementation), \(layout)")
      #expect(deviation(db, expected.bias) < 1e-5)
    }
  }

  @Test("the loops of our own agree with im2col, whatever the processor has", arguments: cases, PictureLayout.all)
  func ownLoops(_ c: ConvolutionCase, layout: PictureLayout) {
    guard layout == .channelsLast || c.geometry.input.channels % 16 == 0 else { return }
    let data = c.contents()
    let kernel = DepthwiseWeightGradient(c.geometry, layout: layout)
    var dw = Tensor(c.geometry.weightShape)
    Pictures.laidOut(data.x, layout) { x in
      Pictures.laidOut(data.dy, layout) { dy in dw.withMutableFloats { kernel.run(x: x, dy: dy, dw: $0.start) } }
    }
    #expect(deviation(dw, Im2colConvolution.parameterGradients(data.dy, x: data.x, c.geometry).weight) < 1e-5)
  }

  @Test("run in code made for them on every processor", arguments: [96, 144, 240, 480, 672, 1152])
  func implementations(_ channels: Int) throws {
    for (kernel, stride, first, last) in [(3, 1, 1, 1), (3, 2, 0, 1), (5, 1, 2, 2), (5, 2, 1, 2)] {
      let c = Self.depthwise(channels, kernel: kernel, stride: stride, size: 28, first: first, last: last)
      let names = [
        try ConvolutionForward(c.geometry, activation: .clip(low: 0, high: 6), node: "a").implementation,
        try ConvolutionBackwardData(c.geometry, node: "a").implementation,
        try ConvolutionBackwardWeights(c.geometry, hasBias: false, node: "a").implementation,
      ]
      #expect(
        names.allSatisfy { $0.contains("dw") || $0 == DepthwiseWeightGradient.implementation },
        "\(c.testDescription): \(names)")
    }
  }
}
