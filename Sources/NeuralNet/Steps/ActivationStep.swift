import Compute

/// A function of each element.
final class ActivationStep: Step {
  let needs: StepNeeds
  private let function: ActivationFunction
  private let count: Int

  init(_ function: ActivationFunction, count: Int) {
    self.function = function
    self.count = count
    let isFoundFromOutput =
      switch function {
      case .relu, .sigmoid, .tanh, .exponential, .squareRoot: true
      default: false
      }
    needs = StepNeeds(backwardReadsInput: !isFoundFromOutput, backwardReadsOutput: isFoundFromOutput)
  }

  func forward(_ memory: StepMemory, _ pass: Pass) {
    ElementwiseKernels.apply(function.kernel, memory.inputs[0], into: memory.output, count: count)
  }

  func backward(_ memory: StepMemory, _ pass: Pass) {
    guard let dy = memory.outputGradient, let dx = memory.inputGradients[0] else { return }
    ElementwiseKernels.gradient(
      function.kernel, dy, input: memory.inputs[0], output: memory.output, into: dx, count: count)
  }
}

extension ActivationFunction {
  var kernel: ElementwiseKernels.Function {
    switch self {
    case .relu: .relu
    case .leakyRelu(let slope): .leakyRelu(slope: slope)
    case .clip(let low, let high): .clip(low: low, high: high)
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .silu: .silu
    case .hardSwish: .hardSwish
    case .hardSigmoid(let slope, let offset): .hardSigmoid(slope: slope, offset: offset)
    case .gelu(let approximate): approximate ? .geluTanh : .gelu
    case .exponential: .exponential
    case .squareRoot: .squareRoot
    case .errorFunction: .errorFunction
    }
  }
}
