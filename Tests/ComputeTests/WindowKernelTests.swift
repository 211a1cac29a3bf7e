import Compute
import ComputeSupport
import Testing

/// Layouts of a kernel's pictures and results, with channels that both can hold.
struct LayoutCase: CustomTestStringConvertible, Sendable {
  let channels: Int
  let from: PictureLayout
  let to: PictureLayout
  var testDescription: String { "\(channels) channels, \(from) to \(to)" }

  static let all: [LayoutCase] = [
    .init(channels: 8, from: .channelsLast, to: .channelsLast),
    .init(channels: 24, from: .channelsLast, to: .channelsLast),
    .init(channels: 48, from: .channelsLast, to: .blocks),
    .init(channels: 32, from: .blocks, to: .channelsLast),
    .init(channels: 48, from: .blocks, to: .blocks),
  ]
}

@Suite("Maximum of windows side by side")
struct WindowMaximumTests {
  static let windows = [Pair(2), Pair(4), Pair(height: 1, width: 3)]

  @Test("agrees with the definition in all layouts", arguments: LayoutCase.all, windows)
  func forward(_ c: LayoutCase, _ window: Pair) {
    let (x, g) = Self.contents(c, window)
    let kernel = WindowMaximum(x.shape, window: window, from: c.from, to: c.to)
    let y = Pictures.run(x, c.from, to: g.outputShape, c.to, scratchBytes: 0) { x, y, _ in kernel.forward(x: x, y: y) }
    #expect(y == PoolingTests.pooled(x, .maximum, g))
  }

  @Test("gives each gradient to the first greatest element", arguments: LayoutCase.all, [false, true])
  func backward(_ c: LayoutCase, rectified: Bool) {
    let window = Pair(2)
    let (drawn, g) = Self.contents(c, window)
    // Coarse steps, so that windows have ties; rectified ones have windows of zeros.
    let x = drawn.map { (rectified ? max($0, 0) : $0).rounded() }
    var generator = SeededGenerator(seed: 6)
    let dy = Tensor.normal(g.outputShape, using: &generator)
    let kernel = WindowMaximum(x.shape, window: window, from: c.from, to: c.to)
    let dx = Pictures.laidOut(dy, c.to) { dy in
      Pictures.run(x, c.from, to: x.shape, c.from, scratchBytes: 0) { x, dx, _ in
        kernel.backward(x: x, dy: dy, dx: dx, rectified: rectified)
      }
    }
    var expected = Tensor(x.shape)
    let (height, width) = (g.output.height, g.output.width)
    for i in 0..<dy.count {
      let (plane, place) = i.quotientAndRemainder(dividingBy: height * width)
      let first = (plane * 2 * height + place / width * 2) * 2 * width + place % width * 2
      let elements = [first, first + 1, first + 2 * width, first + 2 * width + 1]
      let winner = elements.reduce(elements[0]) { x[$1] > x[$0] ? $1 : $0 }
      if !rectified || x[winner] > 0 { expected[winner] = dy[i] }
    }
    #expect(dx == expected)
  }

  private static func contents(_ c: LayoutCase, _ window: Pair) -> (Tensor, ConvolutionGeometry) {
    var generator = SeededGenerator(seed: 5)
    let g = ConvolutionGeometry(
      batch: 2, input: PlaneStack(channels: c.channels, height: 2 * window.height, width: 3 * window.width),
      outputChannels: c.channels, kernel: window, stride: window, groups: c.channels)
    return (.normal(g.inputShape, using: &generator), g)
  }
}

@Suite("Convolution and pool in one")
struct PooledConvolutionTests {
  static let cases: [(c: ConvolutionCase, from: PictureLayout, to: PictureLayout)] = [
    (.init("3 to 8", batch: 3, height: 6, width: 8, filters: 8), .channelsLast, .channelsLast),
    (.init("5 to 32 into blocks", batch: 3, channels: 5, height: 6, width: 8, filters: 32), .channelsLast, .blocks),
    (.init("in blocks", batch: 4, channels: 32, height: 8, width: 12, filters: 48), .blocks, .blocks),
    (.init("out of blocks", batch: 5, channels: 32, height: 10, width: 6, filters: 32), .blocks, .channelsLast),
  ]

  @Test("outputs and gradients agree with the two by themselves", arguments: cases.indices, [false, true])
  func agrees(_ index: Int, keepsResult: Bool) throws {
    let (c, from, to) = Self.cases[index]
    let g = c.geometry
    let data = c.contents()
    let kernel = try PooledConvolution(
      g, window: Pair(2), from: from, to: to, relu: true, keepsResult: keepsResult, node: c.testDescription)
    try kernel.load(weight: data.weight, bias: data.bias)
    let result = Im2colConvolution.forward(data.x, weight: data.weight, bias: data.bias, g).map { max($0, 0) }
    let pool = ConvolutionGeometry(
      batch: g.batch, input: g.output, outputChannels: g.output.channels, kernel: Pair(2), stride: Pair(2),
      groups: g.output.channels)
    let saved = AlignedStorage(repeating: .nan, count: kernel.savedBytes / 4)
    let y = try Pictures.run(data.x, from, to: pool.outputShape, to, scratchBytes: kernel.scratchBytes) {
      try kernel.run(x: $0, y: $1, saved: UnsafeMutableRawPointer(saved.base), scratch: $2)
    }
    #expect(deviation(y, PoolingTests.pooled(result, .maximum, pool)) < 1e-5)

    guard keepsResult else { return }
    let gradient = try PooledConvolutionGradient(
      g, window: Pair(2), from: from, to: to, relu: true, node: c.testDescription)
    try gradient.load(weight: data.weight)
    var generator = SeededGenerator(seed: 8)
    let dy = Tensor.normal(pool.outputShape, using: &generator)
    let dx = try Pictures.run(dy, to, to: g.inputShape, from, scratchBytes: gradient.scratchBytes) {
      try gradient.run(dy: $0, dx: $1, saved: UnsafeRawPointer(saved.base), scratch: $2)
    }
    // The pool's own gradient is tested above; here the two kernels are to meet in the same blocks.
    let both = WindowMaximum(g.outputShape, window: Pair(2), from: from, to: to)
    let results = Pictures.tensor(saved.base, g.outputShape, from)
    let inner = Pictures.laidOut(dy, to) { dy in
      Pictures.run(results, from, to: g.outputShape, from, scratchBytes: 0) { x, dx, _ in
        both.backward(x: x, dy: dy, dx: dx, rectified: true)
      }
    }
    #expect(deviation(dx, Im2colConvolution.inputGradient(inner, weight: data.weight, g)) < 1e-5)
  }
}
