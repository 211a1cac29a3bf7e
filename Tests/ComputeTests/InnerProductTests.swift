import Compute
import Testing

@Suite("Inner products")
struct InnerProductTests {
  @Test("agree with the definition", arguments: [1, 5], [(3, 1), (40, 24), (129, 17)])
  func product(rows: Int, _ features: (inputs: Int, outputs: Int)) throws {
    for packs in [false, true] { try check(rows: rows, features, packs: packs) }
  }

  private func check(rows: Int, _ features: (inputs: Int, outputs: Int), packs: Bool) throws {
    var generator = SeededGenerator(seed: 3)
    let (inputs, outputs) = features
    let x = Tensor.normal([rows, inputs], using: &generator)
    let weight = Tensor.normal([outputs, inputs], using: &generator)
    let bias = Tensor.normal([outputs], using: &generator)
    let dy = Tensor.normal([rows, outputs], using: &generator)
    var forward = try InnerProductForward(
      rows: rows, inputs: inputs, outputs: outputs, relu: true, packs: packs, node: "linear")
    try forward.load(weight: weight, bias: bias)
    let backward = try InnerProductBackwardData(rows: rows, inputs: inputs, outputs: outputs, node: "linear")
    var y = Tensor([rows, outputs])
    var dx = Tensor([rows, inputs])
    let scratch = AlignedStorage(uninitialisedCount: max(forward.scratchBytes, backward.scratchBytes) / 4 + 1)
    let raw = UnsafeMutableRawPointer(scratch.base)
    try y.withMutableFloats { y in
      try x.withFloats { x in try forward.run(x: x.start, y: y.start, scratch: raw) }
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
    #expect(deviation(dx, expectedGradient) < 1e-5)
  }
}
