import Compute

/// Creates the step of a fused node.
enum Compiler {
  static func step(_ fused: FusedNode, _ context: StepContext) throws(NeuralNetError) -> any Step {
    guard let first = fused.inputs.first else { return ConstantStep(fused.node, context) }
    let x = context.shape(first)
    // The node's own shape: fused operations keep it, except pooling.
    let y = context.shape(fused.node.output)
    if context.kernels == .compiled, !hasCompiledKernel(fused.node.operation, x) {
      throw .invalidNetwork(node: fused.name, "can be computed only by code that is generated at run time")
    }
    switch fused.node.operation {
    case .convolution:
      if let pool = fused.maxPool { return try PooledConvolutionStep(fused, pool, context) }
      return try ConvolutionStep(fused, context)
    case .transposedConvolution:
      return try TransposedConvolutionStep(fused.node, context)
    case .batchNorm(let settings):
      if context.fixedStatistics { return FixedBatchNormStep(fused, settings, context) }
      if let pool = fused.maxPool { return BatchNormMaxPoolStep(fused, settings, pool, context) }
      return try BatchNormStep(fused, settings, context)
    case .layerNorm, .groupNorm, .instanceNorm:
      return try GroupedNormStep(fused.node, context)
    case .activation(let function):
      return ActivationStep(function, count: x.count)
    case .softmax(let axis):
      return SoftmaxStep(axis: axis, shape: x)
    case .maxPool(let pool) where pool.fitsWindowMaximum(x):
      return WindowMaximumStep(fused, pool, context)
    case .maxPool:
      return try PoolStep(fused, .maximum, context)
    case .averagePool(_, let countsPadding):
      return try PoolStep(fused, .average(countsPadding: countsPadding), context)
    case .globalAveragePool:
      return GlobalAverageStep(input: x, layout: context.layout(first))
    case .cooccurrence(let settings):
      return CooccurrenceStep(settings, shape: x)
    case .reduce(let reduction, let axes, let keepsAxes):
      return ReduceStep(reduction, axes: axes, keepsAxes: keepsAxes, input: x, output: y)
    case .dropout(let rate):
      return DropoutStep(rate: rate, count: x.count, path: DropoutStep.path(of: fused.name))
    case .resize(let settings) where settings.method == .bilinear:
      return BilinearResizeStep(settings, input: x, output: y)
    case .flatten(axis: 1):
      return FlattenStep(input: x, layout: context.layout(first))
    case .flatten, .reshape, .transpose, .slice, .pad, .resize:
      return GatherStep.step(fused.node.operation, input: x, output: y)
    case .linear:
      return try LinearStep(fused, context)
    case .matMul:
      return MatMulStep(x, context.shape(fused.inputs[1]), into: y, training: context.use == .training)
    case .binary(let function):
      return BinaryStep(function, x, context.shape(fused.inputs[1]), into: y, relu: fused.relu)
    case .concat(let axis):
      return ConcatStep(axis: axis, inputs: fused.inputs.map(context.shape), layout: context.layout(fused.output))
    case .identity:
      // Fusion removes the network's own identity nodes.
      return try LayoutStep(fused, context)
    case .constant:
      preconditionFailure("a constant has no inputs")
    }
  }

  /// Whether the step of an operation does without oneDNN, which generates code.
  private static func hasCompiledKernel(_ operation: Operator, _ input: Shape) -> Bool {
    switch operation {
    case .transposedConvolution, .averagePool, .linear: false
    case .maxPool(let pool): pool.fitsWindowMaximum(input)
    default: true
    }
  }
}
