import Compute

/// A network compiled for one batch: its steps, and the memory locations of their buffers.
struct ExecutorPlan {
  /// Location of a buffer.
  enum Place {
    /// Offset in bytes from the start of the executor's memory.
    case arena(Int)
    /// The network's input, and the gradient with respect to it.
    case input
    case inputGradient
  }

  /// Destination of the gradient of one input of a step.
  struct GradientTarget {
    let place: Place
    /// Set if another consumer has written `place` already: write here, then add to `place`.
    let detour: Place?
    let count: Int
  }

  struct Entry {
    let name: String
    let step: any Step
    let inputs: [Place]
    let output: Place
    let outputCount: Int
    let gradients: [GradientTarget?]
    /// nil if nothing before this step needs a gradient.
    let outputGradient: Place?
    let saved: Place
    let forwardScratch: Place
    let backwardScratch: Place
  }

  struct Output {
    let shape: Shape
    let place: Place
    let gradient: Place?
  }

  let entries: [Entry]
  let outputs: [Output]
  let arenaBytes: Int

  init(
    _ network: Network, batch: Int, use: Executor.Use, inputGradients: Bool, kernels: KernelSource
  ) throws(NeuralNetError) {
    let shapes = try network.shapes(batch: batch)
    let parameterShapes = network.parameters.mapValues(\.shape)
    let (fused, outputs) = Fusion.fused(network, shapes, for: use, kernels)
    let layouts = try LayoutPlan(fused, shapes, parameters: parameterShapes, outputs: outputs, kernels)
    let nodes = layouts.nodes
    let wanted = Self.valuesWithGradient(nodes, network, use, inputGradients)
    var steps: [any Step] = []
    for node in nodes {
      let context = StepContext(
        shapes: layouts.shapes, layout: layouts.layout, parameterShapes: parameterShapes, use: use, kernels: kernels,
        wantsInputGradients: node.inputs.map(wanted.contains))
      steps.append(try Compiler.step(node, context))
    }
    var layout = PlanLayout(nodes, steps, layouts.shapes, input: network.input, outputs: outputs, wanted: wanted)
    self = layout.plan()
  }

  init(entries: [Entry], outputs: [Output], arenaBytes: Int) {
    self.entries = entries
    self.outputs = outputs
    self.arenaBytes = arenaBytes
  }

  /// Values that need a gradient: those that depend on the input or on a trained parameter.
  private static func valuesWithGradient(
    _ nodes: [FusedNode], _ network: Network, _ use: Executor.Use, _ inputGradients: Bool
  ) -> Set<String> {
    guard use != .inference else { return [] }
    var wanted: Set<String> = inputGradients ? [network.input] : []
    for fused in nodes {
      let trains = use == .training && fused.node.parameters.keys.contains(where: fused.node.trains)
      if trains || fused.inputs.contains(where: wanted.contains) { wanted.insert(fused.output) }
    }
    return wanted
  }
}
