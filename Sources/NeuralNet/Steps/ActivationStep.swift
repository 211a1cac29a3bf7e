import Compute

/// A function of each element whose gradient follows from its output.
final class ActivationStep: Step {
  enum Function { case relu, sigmoid }

  let needs = StepNeeds(backwardReadsOutput: true)
  private let function: Function
  private let count: Int

  init(_ function: Function, count: Int) {
    self.function = function
    self.count = count
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    switch function {
    case .relu: VectorKernels.relu(memory.inputs[0], into: memory.output, count: count)
    case .sigmoid: VectorKernels.sigmoid(memory.inputs[0], into: memory.output, count: count)
    }
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    switch function {
    case .relu: VectorKernels.reluGradient(dy, output: memory.output, into: dx, count: count)
    case .sigmoid: VectorKernels.sigmoidGradient(dy, output: memory.output, into: dx, count: count)
    }
  }
}
