import Compute
import NeuralNet
import Testing

/// Compares an executor's gradients with central differences of the forward pass.
///
/// The function is a weighted sum of the outputs with random weights: a plain sum would hide errors that cancel, such
/// as those behind a batch norm.
struct GradientCheck {
  /// Elements of a tensor that are tried; all where it has fewer.
  static let samples = 24
  /// Large enough to stand out of float32 rounding, small enough for the curvature of the operators.
  static let difference: Float = 1e-2

  let network: Network
  let x: Tensor
  let probe: Tensor

  init(_ network: Network, x: Tensor? = nil, batch: Int = 2, seed: UInt64 = 7) throws {
    var generator = SeededGenerator(seed: seed)
    let shapes = try network.shapes(batch: batch)
    self.network = network
    self.x = x ?? .normal(Shape([batch] + network.inputShape.extents), using: &generator)
    probe = .normal(shapes[network.outputs[0]] ?? [], using: &generator)
  }

  /// Largest deviation over the parameters of a training pass, relative to each gradient's largest element.
  func parameterDeviation(spoiling spoiled: String? = nil) throws -> Float {
    let executor = try Executor(network, batch: x.shape[0], use: .training)
    try executor.setInput(x)
    _ = try executor.forward(seed: 3, step: 1)
    try executor.backward(probe)
    let gradients = executor.parameterGradients
    #expect(Set(gradients.keys) == Set(network.trainableNames))
    var worst: Float = 0
    for (name, gradient) in gradients {
      var checked = gradient
      if name == spoiled { checked[0] += 0.05 * (gradient.largest + 1) }
      let deviation = try Self.deviation(of: checked, at: network.parameters[name] ?? gradient) { changed in
        try executor.load(network.parameters.merging([name: changed]) { $1 })
        return try executor.forward(seed: 3, step: 1).dot(probe)
      }
      worst = max(worst, deviation)
    }
    return worst
  }

  /// Largest deviation of the input gradient with fixed statistics; differences are taken of an inference executor.
  func inputDeviation() throws -> Float {
    let attacker = try Executor(network, batch: x.shape[0], use: .inputGradient, chunk: 1)
    let gradient = try attacker.inputGradient(x) { _, rows in probe.rows(rows) }.gradient
    let executor = try Executor(network, batch: x.shape[0], use: .inference)
    return try Self.deviation(of: gradient, at: x) { try executor.infer($0).dot(probe) }
  }

  private static func deviation(
    of gradient: Tensor, at point: Tensor, _ function: (Tensor) throws -> Double
  ) throws -> Float {
    let scale = max(gradient.largest, 1)
    var worst: Float = 0
    for offset in Set((0..<samples).map { $0 * 7919 % point.count }) {
      var up = point
      up[offset] += difference
      var down = point
      down[offset] -= difference
      let step = Double(up[offset]) - Double(down[offset])
      let expected = Float((try function(up) - (try function(down))) / step)
      worst = max(worst, abs(expected - gradient[offset]) / scale)
    }
    return worst
  }
}

extension Tensor {
  /// The largest absolute value.
  var largest: Float { values.reduce(0) { max($0, abs($1)) } }

  /// Distinct values at least 0.05 apart in random order: no difference of 0.02 moves a maximum or crosses zero.
  static func spaced(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    let half = Float(shape.count) / 2
    let values = (0..<shape.count).map { (Float($0) - half + 0.5) * 0.05 }.shuffled(using: &generator)
    return Tensor(shape, values)
  }
}
