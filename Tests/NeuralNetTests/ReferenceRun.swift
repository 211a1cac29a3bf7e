import Compute
import ComputeSupport
import NeuralNet

/// Runs a network node by node with fixed statistics in plain code: no fusion, no plan, `[N, C, H, W]` order.
enum ReferenceRun {
  static func output(_ network: Network, _ x: Tensor) throws -> Tensor {
    let shapes = try network.shapes(batch: x.shape[0])
    var values = [network.input: x]
    for node in network.nodes {
      let inputs = node.inputs.compactMap { values[$0] }
      let parameters = node.parameters.compactMapValues { network.parameters[$0] }
      values[node.output] = value(node.operation, inputs, parameters, shapes[node.output] ?? [])
    }
    return values[network.outputs[0]] ?? x
  }

  private static func value(
    _ operation: Operator, _ inputs: [Tensor], _ parameters: [String: Tensor], _ shape: Shape
  ) -> Tensor {
    let x = inputs[0]
    switch operation {
    case .convolution(let s):
      guard let weight = parameters["weight"] else { return x }
      let g = ConvolutionGeometry(
        batch: x.shape[0], input: PlaneStack(channels: x.shape[1], height: x.shape[2], width: x.shape[3]),
        outputChannels: weight.shape[0], kernel: Pair(height: weight.shape[2], width: weight.shape[3]),
        stride: s.stride, dilation: s.dilation, padding: s.padding, groups: s.groups)
      return LoopConvolution.forward(x, weight: weight, bias: parameters["bias"], g)
    case .batchNorm(let s):
      let area = x.shape.extents.dropFirst(2).reduce(1, *)
      return Tensor(
        shape,
        (0..<x.count).map { i in
          let c = i / area % x.shape[1]
          let deviation = ((parameters["variance"]?[c] ?? 1) + s.epsilon).squareRoot()
          let normal = (x[i] - (parameters["mean"]?[c] ?? 0)) / deviation
          return normal * (parameters["scale"]?[c] ?? 1) + (parameters["shift"]?[c] ?? 0)
        })
    case .activation(.relu): return x.map { max($0, 0) }
    case .activation(.sigmoid): return x.map { 1 / (1 + Float.exponential(-$0)) }
    case .maxPool(let s): return pooled(x, s, shape) { $0.max() ?? 0 }
    case .averagePool(let s, _): return pooled(x, s, shape) { $0.reduce(0, +) / Float($0.count) }
    case .globalAveragePool:
      let all = PoolSettings(kernel: Pair(height: x.shape[2], width: x.shape[3]))
      return pooled(x, all, shape) { $0.reduce(0, +) / Float($0.count) }
    case .dropout, .identity: return x
    case .flatten: return x.reshaped(shape)
    case .linear:
      guard let weight = parameters["weight"] else { return x }
      let (rows, columns) = (weight.shape[0], weight.shape[1])
      return Tensor(
        shape,
        (0..<shape.count).map { i in
          (0..<columns).reduce(parameters["bias"]?[i % rows] ?? 0) {
            $0 + x[i / rows * columns + $1] * weight[i % rows * columns + $1]
          }
        })
    case .binary(.add): return x.zip(inputs[1], +)
    case .concat:
      let parts = inputs.map { $0.shape.sample.count }
      let rows = (0..<x.shape[0]).flatMap { n in
        Swift.zip(inputs, parts).flatMap { tensor, width in (0..<width).map { tensor[n * width + $0] } }
      }
      return Tensor(shape, rows)
    default: preconditionFailure("\(operation.name) has tests of its own")
    }
  }

  /// Windows without padding.
  private static func pooled(
    _ x: Tensor, _ s: PoolSettings, _ shape: Shape, _ combine: ([Float]) -> Float
  ) -> Tensor {
    var results: [Float] = []
    for plane in 0..<(x.shape[0] * x.shape[1]) {
      for row in 0..<shape[2] {
        for column in 0..<shape[3] {
          let window = (0..<(s.kernel.height * s.kernel.width)).map { i in
            let y = row * s.stride.height + i / s.kernel.width
            let z = column * s.stride.width + i % s.kernel.width
            return x[(plane * x.shape[2] + y) * x.shape[3] + z]
          }
          results.append(combine(window))
        }
      }
    }
    return Tensor(shape, results)
  }
}

extension Float {
  /// Without an import of the C library in every test.
  static func exponential(_ x: Float) -> Float {
    // Squaring of a short series: exact to float rounding for the range of a test.
    let part = Double(x) / 1024
    var result = 1 + part + part * part / 2 + part * part * part / 6 + part * part * part * part / 24
    for _ in 0..<10 { result *= result }
    return Float(result)
  }
}
