import Compute
import Glibc

/// Softmax along one axis.
final class SoftmaxStep: Step {
  let needs = StepNeeds(backwardReadsOutput: true)
  private let outer: Int
  private let length: Int
  private let inner: Int

  init(axis: Int, shape: Shape) {
    (outer, length, inner) = MemoryOrder(shape).around(axis)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let (x, y) = (memory.inputs[0], memory.output)
    forEachRow { start in
      var greatest = -Float.infinity
      for i in 0..<length { greatest = max(greatest, x[start + i * inner]) }
      var sum: Float = 0
      for i in 0..<length {
        // Subtracts the maximum, because large logits would overflow.
        let value = expf(x[start + i * inner] - greatest)
        y[start + i * inner] = value
        sum += value
      }
      for i in 0..<length { y[start + i * inner] /= sum }
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    let y = memory.output
    forEachRow { start in
      var sum: Float = 0
      for i in 0..<length { sum += dy[start + i * inner] * y[start + i * inner] }
      for i in 0..<length {
        let index = start + i * inner
        dx[index] = y[index] * (dy[index] - sum)
      }
    }
  }

  private func forEachRow(_ body: (Int) -> Void) {
    for block in 0..<outer {
      for index in 0..<inner { body(block * length * inner + index) }
    }
  }
}
