import Compute
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
  @Test("agree with the definition in all transpositions", arguments: [false, true], [false, true])
  func product(transposeA: Bool, transposeB: Bool) {
    var generator = SeededGenerator(seed: 1)
    let (m, n, k) = (5, 7, 11)
    let a = Tensor.normal([m, k], using: &generator)
    let b = Tensor.normal([k, n], using: &generator)
    var c = Tensor.normal([m, n], using: &generator)
    let expected = Tensor(
      [m, n],
      (0..<(m * n)).map { i in
        (0..<k).reduce(0.5 * c[i]) { $0 + 2 * a[i / n * k + $1] * b[$1 * n + i % n] }
      })
    let storedA = transposeA ? transposed(a) : a
    let storedB = transposeB ? transposed(b) : b
    storedA.withFloats { a in
      storedB.withFloats { b in
        c.withMutableFloats { c in
          MatrixProduct.multiply(
            m: m, n: n, k: k, alpha: 2, a.start, transposeA: transposeA, b.start, transposeB: transposeB, beta: 0.5,
            into: c.start)
        }
      }
    }
    #expect(deviation(c, expected) < 1e-5)
  }

  private func transposed(_ x: Tensor) -> Tensor {
    x.withFloats { source in
      Tensor([x.shape[1], x.shape[0]]) {
        ChannelOrder.transpose(source.start, into: $0.start, rows: x.shape[0], columns: x.shape[1])
      }
    }
  }
}

@Suite("Pooling")
struct PoolingTests {
  static let kinds: [Pooling.Kind] = [.maximum, .average(countsPadding: true), .average(countsPadding: false)]

  @Test("agrees with the definition", arguments: kinds, [(2, 2, 0), (3, 2, 1), (4, 4, 0)])
  func forward(_ kind: Pooling.Kind, _ window: (kernel: Int, stride: Int, padding: Int)) throws {
    let g = Self.geometry(window)
    var generator = SeededGenerator(seed: 2)
    let x = Tensor.normal(g.inputShape, using: &generator)
    let kernel = try Pooling(g, kind, training: false, node: "pool")
    let saved = AlignedStorage(uninitialisedCount: kernel.savedBytes / 4 + 1)
    let y = try Pictures.run(x, to: g.outputShape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
      try kernel.forward(x: x, y: y, saved: UnsafeMutableRawPointer(saved.base), scratch: scratch)
    }
    #expect(deviation(y, Self.pooled(x, kind, g)) < 1e-6)
  }

  static func geometry(_ window: (kernel: Int, stride: Int, padding: Int)) -> ConvolutionGeometry {
    ConvolutionGeometry(
      batch: 2, input: PlaneStack(channels: 5, height: 6, width: 9), outputChannels: 5, kernel: Pair(window.kernel),
      stride: Pair(window.stride), padding: Padding(window.padding), groups: 5)
  }

  static func pooled(_ x: Tensor, _ kind: Pooling.Kind, _ g: ConvolutionGeometry) -> Tensor {
    var results: [Float] = []
    for plane in 0..<(g.batch * g.input.channels) {
      for row in 0..<g.output.height {
        for column in 0..<g.output.width {
          var window: [Float] = []
          for r in 0..<g.kernel.height {
            for s in 0..<g.kernel.width {
              let y = row * g.stride.height - g.padding.top + r
              let z = column * g.stride.width - g.padding.left + s
              guard (0..<g.input.height).contains(y), (0..<g.input.width).contains(z) else { continue }
              window.append(x[(plane * g.input.height + y) * g.input.width + z])
            }
          }
          let area = Float(g.kernel.height * g.kernel.width)
          switch kind {
          case .maximum: results.append(window.max() ?? -.infinity)
          case .average(true): results.append(window.reduce(0, +) / area)
          case .average(false): results.append(window.reduce(0, +) / Float(window.count))
          }
        }
      }
    }
    return Tensor(g.outputShape, results)
  }
}

@Suite("Batch norm")
struct BatchNormalisationTests {
  @Test("agrees with the definition and gives the batch's statistics", arguments: [1, 3, 8, 17])
  func forward(_ channels: Int) throws {
    let shape: Shape = [2, channels, 5, 7]
    var generator = SeededGenerator(seed: 4)
    let x = Tensor.normal(shape, standardDeviation: 3, using: &generator)
    let scale = Tensor.uniform([channels], in: 0.5..<2, using: &generator)
    let shift = Tensor.normal([channels], using: &generator)
    let kernel = try BatchNormalisation(shape, epsilon: 1e-3, relu: true, node: "norm")
    kernel.load(scale: scale, shift: shift)
    let saved = AlignedStorage(uninitialisedCount: kernel.savedBytes / 4 + 1)
    let y = try Pictures.run(x, to: shape, scratchBytes: kernel.scratchBytes) { x, y, scratch in
      try kernel.forward(x: x, y: y, saved: UnsafeMutableRawPointer(saved.base), scratch: scratch)
    }
    var expected = Tensor(shape)
    for c in 0..<channels {
      let places = (0..<2).flatMap { n in (0..<35).map { (n * channels + c) * 35 + $0 } }
      let mean = places.reduce(0.0) { $0 + Double(x[$1]) } / 70
      let variance = places.reduce(0.0) { $0 + (Double(x[$1]) - mean) * (Double(x[$1]) - mean) } / 70
      #expect(abs(Double(kernel.batchStatistics.mean[c]) - mean) < 1e-5)
      #expect(abs(Double(kernel.batchStatistics.variance[c]) - variance) < 1e-4)
      for i in places {
        let normal = Float((Double(x[i]) - mean) / (variance + 1e-3).squareRoot())
        expected[i] = max(normal * scale[c] + shift[c], 0)
      }
    }
    #expect(deviation(y, expected) < 1e-5)
  }
}
