import Compute

extension Operator {
  /// The shape of the result, batch included.
  ///
  /// - Parameters:
  ///   - inputs: shapes of the node's inputs in order.
  ///   - parameters: shapes of its parameters by role.
  /// - Throws: `NeuralNetError.shape` that names the node and the shapes that do not fit.
  func outputShape(
    of node: String, inputs: [Shape], parameters: [String: Shape]
  ) throws(NeuralNetError) -> Shape {
    try checkInputCount(inputs.count, node)
    let x = inputs[0]
    switch self {
    case .convolution:
      return try convolutionGeometry(of: node, input: x, weight: parameters["weight"] ?? [], parameters["bias"])
        .outputShape
    case .maxPool, .averagePool:
      return try poolGeometry(of: node, input: x).outputShape
    case .batchNorm:
      try checkRank(4, x, node)
      for role in roles.required { try checkVector(parameters[role], x[1], role, x, node) }
      return x
    case .globalAveragePool:
      try checkRank(4, x, node)
      return [x[0], x[1], 1, 1]
    case .flatten:
      return [x[0], x.sample.count]
    case .linear:
      try checkRank(2, x, node)
      let weight = parameters["weight"] ?? []
      guard weight.rank == 2, weight[1] == x[1] else {
        throw .shape(node: node, "input \(x) does not fit the weight \(weight), which should be [out, \(x[1])]")
      }
      if let bias = parameters["bias"] { try checkVector(bias, weight[0], "bias", x, node) }
      return [x[0], weight[0]]
    case .add:
      guard inputs[1] == x else { throw .shape(node: node, "cannot add \(x) and \(inputs[1])") }
      return x
    case .concat:
      return try concatenated(inputs, node)
    case .relu, .sigmoid, .dropout, .identity:
      return x
    }
  }

  /// - Precondition: the operator is a convolution.
  func convolutionGeometry(
    of node: String, input x: Shape, weight: Shape, _ bias: Shape? = nil
  ) throws(NeuralNetError) -> ConvolutionGeometry {
    guard case .convolution(let settings) = self else { preconditionFailure("\(name) is no convolution") }
    try checkRank(4, x, node)
    guard weight.rank == 4, settings.groups > 0, weight[1] * settings.groups == x[1], weight[0] > 0,
      weight[0] % settings.groups == 0
    else {
      throw .shape(node: node, "input \(x) does not fit the filters \(weight) in \(settings.groups) groups")
    }
    if let bias { try checkVector(bias, weight[0], "bias", x, node) }
    let kernel = Pair(height: weight[2], width: weight[3])
    try checkWindow(kernel, settings.stride, settings.dilation, settings.padding, x, node)
    return ConvolutionGeometry(
      batch: x[0], input: PlaneStack(channels: x[1], height: x[2], width: x[3]), outputChannels: weight[0],
      kernel: kernel, stride: settings.stride, dilation: settings.dilation, padding: settings.padding,
      groups: settings.groups)
  }

  /// - Precondition: the operator is a pooling layer.
  func poolGeometry(of node: String, input x: Shape) throws(NeuralNetError) -> ConvolutionGeometry {
    let settings: PoolSettings
    switch self {
    case .maxPool(let pool), .averagePool(let pool, _): settings = pool
    default: preconditionFailure("\(name) is no pooling layer")
    }
    try checkRank(4, x, node)
    try checkWindow(settings.kernel, settings.stride, Pair(1), settings.padding, x, node)
    let p = settings.padding
    guard max(p.top, p.bottom) < settings.kernel.height, max(p.left, p.right) < settings.kernel.width else {
      throw .shape(node: node, "\(p) leaves windows of \(settings.kernel) without an element of the input \(x)")
    }
    return ConvolutionGeometry(
      batch: x[0], input: PlaneStack(channels: x[1], height: x[2], width: x[3]), outputChannels: x[1],
      kernel: settings.kernel, stride: settings.stride, padding: settings.padding, groups: x[1])
  }

  private func checkInputCount(_ count: Int, _ node: String) throws(NeuralNetError) {
    let fits =
      switch self {
      case .add: count == 2
      case .concat: count >= 1
      default: count == 1
      }
    guard fits else { throw .invalidNetwork(node: node, "\(name) cannot have \(count) inputs") }
  }

  private func checkRank(_ rank: Int, _ x: Shape, _ node: String) throws(NeuralNetError) {
    guard x.rank == rank else {
      throw .shape(node: node, "\(name) takes \(rank == 4 ? "[N, C, H, W]" : "[N, F]"), its input is \(x)")
    }
  }

  private func checkVector(
    _ vector: Shape?, _ count: Int, _ role: String, _ x: Shape, _ node: String
  ) throws(NeuralNetError) {
    guard let vector, vector == [count] else {
      throw .shape(node: node, "\(role) \(vector ?? []) should be [\(count)] for the input \(x)")
    }
  }

  private func checkWindow(
    _ kernel: Pair, _ stride: Pair, _ dilation: Pair, _ padding: Padding, _ x: Shape, _ node: String
  ) throws(NeuralNetError) {
    let extents = [kernel.height, kernel.width, stride.height, stride.width, dilation.height, dilation.width]
    guard extents.allSatisfy({ $0 > 0 }),
      [padding.top, padding.left, padding.bottom, padding.right].allSatisfy({ $0 >= 0 })
    else {
      throw .shape(node: node, "kernel \(kernel), stride \(stride) and dilation \(dilation) must be positive")
    }
    let height = ConvolutionGeometry.outputExtent(
      x[2], kernel: kernel.height, stride: stride.height, dilation: dilation.height,
      padding: padding.top + padding.bottom)
    let width = ConvolutionGeometry.outputExtent(
      x[3], kernel: kernel.width, stride: stride.width, dilation: dilation.width, padding: padding.left + padding.right)
    guard height > 0, width > 0 else {
      throw .shape(node: node, "a window of \(kernel) with dilation \(dilation) does not fit into \(x), \(padding)")
    }
  }

  private func concatenated(_ inputs: [Shape], _ node: String) throws(NeuralNetError) -> Shape {
    let x = inputs[0]
    guard x.rank >= 2 else { throw .shape(node: node, "concat takes [N, C, …], its input is \(x)") }
    for other in inputs.dropFirst() {
      guard other.rank == x.rank, other[0] == x[0], other.extents.dropFirst(2) == x.extents.dropFirst(2) else {
        throw .shape(node: node, "cannot put \(other) behind \(x)")
      }
    }
    return Shape([x[0], inputs.reduce(0) { $0 + $1[1] }] + x.extents.dropFirst(2))
  }
}
