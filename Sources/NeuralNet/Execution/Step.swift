import Compute

/// One fused node compiled for fixed shapes; `forward` and `backward` of an operator sit side by side in it.
///
/// Pictures lie in executors' memory as `StepContext.layout` says, `[N, H, W, C]` unless the step's demand in
/// `LayoutDemand` lets it be otherwise; everything else is in the order of tensors.
protocol Step: AnyObject {
  /// What it wants from the memory plan.
  var needs: StepNeeds { get }
  /// Kernels of it that are much slower than usual.
  var slowKernels: [SlowKernel] { get }
  /// Takes over the values of its parameters, by their names in the network.
  func load(_ parameters: [String: Tensor]) throws(NeuralNetError)
  /// Lets go of tensors that it shares with the network, so that an optimiser can change them in place; `load` follows.
  func releaseParameters()
  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError)
  /// Writes the gradients of the inputs where memory is given; may overwrite the output's gradient.
  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError)
  /// Gradients of its trained parameters, by name, of the last `backward`.
  var gradients: [String: Tensor] { get }
  /// Running statistics after the last `forward`, by name.
  var statistics: [String: Tensor] { get }
}

extension Step {
  var slowKernels: [SlowKernel] { [] }
  func load(_ parameters: [String: Tensor]) throws(NeuralNetError) {}
  func releaseParameters() {}
  var gradients: [String: Tensor] { [:] }
  var statistics: [String: Tensor] { [:] }
}

/// Memory that a step asks for.
struct StepNeeds {
  /// Written by `forward` for `backward`.
  var savedBytes = 0
  /// Used within one call.
  var scratchBytes = 0
  /// `backward` reads the input, or the output, of `forward`.
  var backwardReadsInput = false
  var backwardReadsOutput = false
}

/// Where a step's blocks are during one call.
struct StepMemory {
  var inputs: [UnsafeMutablePointer<Float>] = []
  var output: UnsafeMutablePointer<Float>
  /// nil where no gradient is wanted.
  var inputGradients: [UnsafeMutablePointer<Float>?] = []
  var outputGradient: UnsafeMutablePointer<Float>?
  var saved: UnsafeMutableRawPointer
  var scratch: UnsafeMutableRawPointer
}

/// What distinguishes one pass over the network from the next: it seeds dropout.
struct Pass {
  var seed: UInt64
  var step: Int
  var worker: Int
}

/// What a step is compiled for.
struct StepContext {
  let shapes: [String: Shape]
  /// The layout of a value.
  let layout: (String) -> PictureLayout
  let parameterShapes: [String: Shape]
  let use: Executor.Use
  /// Whether gradients of the node's inputs are wanted, in order.
  let wantsInputGradients: [Bool]
  /// Batch norm uses its running statistics.
  var fixedStatistics: Bool { use != .training }

  /// - Precondition: the value exists; fusion and `Network.shapes` have seen to that.
  func shape(_ value: String) -> Shape {
    guard let shape = shapes[value] else { preconditionFailure("no shape of the value '\(value)'") }
    return shape
  }

  func parameterShape(_ role: String, of node: Node) throws(NeuralNetError) -> Shape {
    guard let name = node.parameters[role], let shape = parameterShapes[name] else {
      throw .missingParameter(node: node.name, name: node.parameters[role] ?? role)
    }
    return shape
  }
}
