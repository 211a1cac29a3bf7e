import Compute

/// One fused node compiled for fixed shapes; it holds both `forward` and `backward` of the operator.
///
/// Images are stored in the layout given by `StepContext.layout`: `[N, H, W, C]` unless the step's `LayoutDemand`
/// permits another one. All other values are in tensor order.
protocol Step: AnyObject {
  /// The step's memory requirements.
  var needs: StepNeeds { get }
  /// Kernels of the step that are much slower than usual.
  var slowKernels: [SlowKernel] { get }
  /// Loads the values of the step's parameters, by their names in the network.
  func load(_ parameters: [String: Tensor]) throws(NeuralNetError)
  /// Releases tensors shared with the network, so that an optimiser can change them in place; `load` must follow.
  func releaseParameters()
  func forward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError)
  /// Writes the gradients of the inputs for which memory is given; may overwrite the output gradient.
  func backward(_ memory: StepMemory, _ pass: Pass) throws(NeuralNetError)
  /// Gradients of the step's trained parameters, by name, from the last `backward`.
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

/// Memory requirements of a step.
struct StepNeeds {
  /// Written by `forward` and read by `backward`.
  var savedBytes = 0
  /// Scratch memory, used within one call.
  var scratchBytes = 0
  /// Whether `backward` reads the input, or the output, of `forward`.
  var backwardReadsInput = false
  var backwardReadsOutput = false
}

/// A step's buffers during one call.
struct StepMemory {
  var inputs: [UnsafeMutablePointer<Float>] = []
  var output: UnsafeMutablePointer<Float>
  /// nil where no gradient is needed.
  var inputGradients: [UnsafeMutablePointer<Float>?] = []
  var outputGradient: UnsafeMutablePointer<Float>?
  var saved: UnsafeMutableRawPointer
  var scratch: UnsafeMutableRawPointer
}

/// Identifies one pass over the network; seeds dropout.
struct Pass {
  var seed: UInt64
  var step: Int
  var worker: Int
}

/// The parameters of a step's compilation.
struct StepContext {
  let shapes: [String: Shape]
  /// The layout of a value.
  let layout: (String) -> PictureLayout
  let parameterShapes: [String: Shape]
  let use: Executor.Use
  let kernels: KernelSource
  /// Whether gradients of the node's inputs are needed, in order.
  let wantsInputGradients: [Bool]
  /// Whether batch norm uses its running statistics.
  var fixedStatistics: Bool { use != .training }

  /// - Precondition: the value exists, as fusion and `Network.shapes` ensure.
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
