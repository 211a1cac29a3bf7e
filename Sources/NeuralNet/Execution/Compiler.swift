import Compute

/// Makes the step of a fused node.
enum Compiler {
  static func step(_ fused: FusedNode, _ context: StepContext) throws(NeuralNetError) -> any Step {
    let x = context.shape(fused.inputs[0])
    switch fused.node.operation {
    case .convolution:
      if let pool = fused.maxPool { return try PooledConvolutionStep(fused, pool, context) }
      return try ConvolutionStep(fused, context)
    case .batchNorm(let settings):
      if context.fixedStatistics { return FixedBatchNormStep(fused, settings, context) }
      if let pool = fused.maxPool { return BatchNormMaxPoolStep(fused, settings, pool, context) }
      return try BatchNormStep(fused, settings, context)
    case .relu:
      return ActivationStep(.relu, count: x.count)
    case .sigmoid:
      return ActivationStep(.sigmoid, count: x.count)
    case .maxPool(let pool) where pool.fitsWindowMaximum(x):
      return WindowMaximumStep(fused, pool, context)
    case .maxPool:
      return try PoolStep(fused, .maximum, context)
    case .averagePool(_, let countsPadding):
      return try PoolStep(fused, .average(countsPadding: countsPadding), context)
    case .globalAveragePool:
      return GlobalAverageStep(input: x, layout: context.layout(fused.inputs[0]))
    case .dropout(let rate):
      return DropoutStep(rate: rate, count: x.count, path: DropoutStep.path(of: fused.name))
    case .flatten:
      return FlattenStep(input: x, layout: context.layout(fused.inputs[0]))
    case .linear:
      return try LinearStep(fused, context)
    case .add:
      return AddStep(count: x.count, relu: fused.relu)
    case .concat:
      return ConcatStep(inputs: fused.inputs.map(context.shape), layout: context.layout(fused.output))
    case .identity:
      // Fusion drops the network's own.
      return try LayoutStep(fused, context)
    }
  }
}
