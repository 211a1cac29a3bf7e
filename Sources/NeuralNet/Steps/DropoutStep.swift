import Compute

/// Dropout in training (Srivastava et al. 2014), scaled to keep the expectation.
final class DropoutStep: Step {
  let needs: StepNeeds
  private let rate: Float
  private let count: Int
  private let path: UInt64

  /// - Parameter path: distinguishes this layer's random numbers from those of others.
  init(rate: Float, count: Int, path: UInt64) {
    needs = StepNeeds(savedBytes: count * MemoryLayout<Float>.stride)
    self.rate = rate
    self.count = count
    self.path = path
  }

  /// FNV-1a of the layer's name: the same in every run, unlike `Hasher`.
  static func path(of name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    let mask = memory.saved.assumingMemoryBound(to: Float.self)
    var generator = SeededGenerator(
      seed: pass.seed, path: [UInt64(truncatingIfNeeded: pass.step), UInt64(pass.worker), path])
    VectorKernels.dropoutMask(rate: rate, using: &generator, into: mask, count: count)
    VectorKernels.product(memory.inputs[0], mask, into: memory.output, count: count)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    VectorKernels.product(dy, memory.saved.assumingMemoryBound(to: Float.self), into: dx, count: count)
  }
}
