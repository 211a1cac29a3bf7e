import Compute
import Testing

@Suite("Inner products")
struct InnerProductTests {
  @Test("agree with the definition", arguments: [1, 5], [(3, 1), (40, 24), (129, 17)])
  func product(rows: Int, _ features: (inputs: Int, outputs: Int)) throws {
    var generator = SeededGenerator(seed: 3)
    let (inputs, outputs) = features
    let x = Tensor.normal([rows, inputs], using: &generator)
    let weight = Tensor.normal([outputs, inputs], using: &generator)
    let bias = Tensor.normal([outputs], using: &generator)
    let dy = Tensor.normal([rows, outputs], using: &generator)
    var forward = try InnerProductForward(rows: rows, inputs: inputs, outputs: outputs, relu: true, node: "linear")
    forward.load(weight: weight, bias: bias)
    let packed = LinearForward(rows: rows, inputs: inputs, outputs: outputs, relu: true)
    packed.load(weight: weight, bias: bias)
    let backward = try InnerProductBackwardData(rows: rows, inputs: inputs, outputs: outputs, node: "linear")
    var y = Tensor([rows, outputs])
    var packedY = y
    var dx = Tensor([rows, inputs])
    let scratchBytes = max(forward.scratchBytes, packed.scratchBytes, backward.scratchBytes)
    let scratch = AlignedStorage(uninitialisedCount: scratchBytes / 4 + 1)
    let raw = UnsafeMutableRawPointer(scratch.base)
    try y.withMutableFloats { y in
      try x.withFloats { x in try forward.run(x: x.start, y: y.start, scratch: raw) }
    }
    packedY.withMutableFloats { y in
      x.withFloats { x in packed.run(x: x.start, y: y.start, scratch: raw) }
    }
    try dx.withMutableFloats { dx in
      try dy.withFloats { dy in
        try weight.withFloats { w in
          try backward.run(dy: dy.start, weight: w.start, dx: dx.start, scratch: raw)
        }
      }
    }
    let expected = Tensor(
      y.shape,
      (0..<y.count).map { i in
        let (row, output) = i.quotientAndRemainder(dividingBy: outputs)
        return max((0..<inputs).reduce(bias[output]) { $0 + x[row * inputs + $1] * weight[output * inputs + $1] }, 0)
      })
    let expectedGradient = Tensor(
      dx.shape,
      (0..<dx.count).map { i in
        (0..<outputs).reduce(0) { $0 + dy[i / inputs * outputs + $1] * weight[$1 * inputs + i % inputs] }
      })
    #expect(deviation(y, expected) < 1e-5)
    #expect(deviation(packedY, expected) < 1e-5)
    #expect(deviation(dx, expectedGradient) < 1e-5)
  }

  @Test("a row's result does not depend on the other rows", arguments: [(700, 1), (300, 40)])
  func rows(_ features: (inputs: Int, outputs: Int)) {
    var generator = SeededGenerator(seed: 4)
    let (inputs, outputs) = features
    let x = Tensor.normal([23, inputs], using: &generator)
    let weight = Tensor.normal([outputs, inputs], using: &generator)
    func products(_ rows: Range<Int>) -> Tensor {
      let kernel = LinearForward(rows: rows.count, inputs: inputs, outputs: outputs, relu: false)
      kernel.load(weight: weight, bias: nil)
      let scratch = AlignedStorage(uninitialisedCount: kernel.scratchBytes / 4)
      return x.withFloats { x in
        Tensor([rows.count, outputs]) {
          kernel.run(
            x: x.start + rows.lowerBound * inputs, y: $0.start, scratch: UnsafeMutableRawPointer(scratch.base))
        }
      }
    }
    let all = products(0..<23)
    for count in 1...16 { #expect(products(5..<(5 + count)) == all.rows(5..<(5 + count))) }
  }
}
