public import Compute

extension Operator {
  /// The output shape, including the batch.
  ///
  /// - Parameters:
  ///   - inputs: shapes of the node's inputs in order.
  ///   - parameters: shapes of its parameters by role.
  /// - Throws: `NeuralNetError.shape` that names the node and the incompatible shapes.
  public func outputShape(
    of node: String, inputs: [Shape], parameters: [String: Shape]
  ) throws(NeuralNetError) -> Shape {
    try checkInputCount(inputs.count, node)
    guard let x = inputs.first else { return parameters["value"] ?? [] }
    switch self {
    case .convolution:
      return try convolutionGeometry(of: node, input: x, weight: parameters["weight"] ?? [], parameters["bias"])
        .outputShape
    case .transposedConvolution:
      return try transposedGeometry(of: node, input: x, weight: parameters["weight"] ?? [], parameters["bias"])
        .inputShape
    case .maxPool, .averagePool:
      return try poolGeometry(of: node, input: x).outputShape
    case .batchNorm:
      try checkRank(4, x, node)
      for role in roles.required { try checkVector(parameters[role], x[1], role, x, node) }
      return x
    case .layerNorm, .groupNorm, .instanceNorm:
      try checkNormalisation(x, parameters, node)
      return x
    case .globalAveragePool:
      try checkRank(4, x, node)
      return [x[0], x[1], 1, 1]
    case .cooccurrence(let settings):
      try checkRank(4, x, node)
      guard settings.isValid, x[2] > settings.reach.height, x[3] > settings.reach.width else {
        throw .shape(node: node, "\(settings.offsets) in bins of \(settings.centres) leave no runs in \(x)")
      }
      return [x[0], x[1] * settings.offsets.count * settings.cellCount]
    case .linear:
      let weight = parameters["weight"] ?? []
      guard x.rank >= 2, x.rank != 4, weight.rank == 2, weight[1] == x[x.rank - 1] else {
        throw .shape(
          node: node, "linear takes […, F] (no pictures) and a weight [G, F]; they are \(x) and \(weight)")
      }
      if let bias = parameters["bias"] { try checkVector(bias, weight[0], "bias", x, node) }
      return Shape(x.extents.dropLast() + [weight[0]])
    case .matMul:
      return try product(x, inputs[1], node)
    case .binary(let function):
      guard let shape = Shape.broadcast(x, inputs[1]) else {
        throw .shape(node: node, "cannot \(function.rawValue) \(x) and \(inputs[1])")
      }
      return shape
    case .concat(let axis):
      return try concatenated(inputs, axis, node)
    case .softmax(let axis):
      try checkAxis(axis, x, node)
      return x
    case .reduce, .flatten, .reshape, .transpose, .slice, .pad, .resize:
      return try rearrangedShape(x, node)
    case .activation, .dropout, .identity, .constant:
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
      case .binary, .matMul: count == 2
      case .concat: count >= 1
      case .constant: count == 0
      default: count == 1
      }
    guard fits else { throw .invalidNetwork(node: node, "\(name) cannot have \(count) inputs") }
  }

  func checkAxis(_ axis: Int, _ x: Shape, _ node: String) throws(NeuralNetError) {
    guard (0..<x.rank).contains(axis) else {
      throw .shape(node: node, "\(name) along axis \(axis), which its input \(x) does not have")
    }
  }

  private func checkNormalisation(
    _ x: Shape, _ parameters: [String: Shape], _ node: String
  ) throws(NeuralNetError) {
    switch self {
    case .layerNorm(let axis, _):
      try checkAxis(axis, x, node)
      let normal = Shape(Array(x.extents[axis...]))
      for role in ["scale", "shift"] {
        guard let shape = parameters[role], shape != normal else { continue }
        throw .shape(node: node, "\(role) \(shape) should be \(normal) for the input \(x)")
      }
    case .groupNorm(let groups, _):
      guard x.rank >= 2, groups > 0, x[1] % groups == 0 else {
        throw .shape(node: node, "\(groups) groups do not divide the channels of \(x)")
      }
      for role in roles.required { try checkVector(parameters[role], x[1], role, x, node) }
    default:
      guard x.rank >= 3 else { throw .shape(node: node, "\(name) takes [N, C, …], its input is \(x)") }
      for role in roles.required { try checkVector(parameters[role], x[1], role, x, node) }
    }
  }

  private func checkRank(_ rank: Int, _ x: Shape, _ node: String) throws(NeuralNetError) {
    guard x.rank == rank else {
      throw .shape(node: node, "\(name) takes [N, C, H, W], its input is \(x)")
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

  private func concatenated(
    _ inputs: [Shape], _ axis: Int, _ node: String
  ) throws(NeuralNetError) -> Shape {
    let x = inputs[0]
    try checkAxis(axis, x, node)
    for other in inputs.dropFirst() {
      let fits =
        other.rank == x.rank && x.extents.indices.allSatisfy { $0 == axis || other[$0] == x[$0] }
      guard fits else { throw .shape(node: node, "cannot put \(other) behind \(x) along axis \(axis)") }
    }
    var extents = x.extents
    extents[axis] = inputs.reduce(0) { $0 + $1[axis] }
    return Shape(extents)
  }

  private func product(_ a: Shape, _ b: Shape, _ node: String) throws(NeuralNetError) -> Shape {
    guard a.rank >= 2, b.rank >= 2, a[a.rank - 1] == b[b.rank - 2],
      let leading = Shape.broadcast(Shape(a.extents.dropLast(2)), Shape(b.extents.dropLast(2)))
    else { throw .shape(node: node, "cannot multiply the matrices \(a) and \(b)") }
    return Shape(leading.extents + [a[a.rank - 2], b[b.rank - 1]])
  }

  /// The convolution whose input gradient the operator computes (from its output back to its input).
  ///
  /// - Precondition: the operator is a transposed convolution.
  func transposedGeometry(
    of node: String, input x: Shape, weight: Shape, _ bias: Shape? = nil
  ) throws(NeuralNetError) -> ConvolutionGeometry {
    guard case .transposedConvolution(let settings) = self else { preconditionFailure("\(name) is not transposed") }
    let s = settings.convolution
    try checkRank(4, x, node)
    guard weight.rank == 4, s.groups > 0, weight[0] == x[1], x[1] % s.groups == 0, weight[1] > 0 else {
      throw .shape(node: node, "input \(x) does not fit the filters \(weight) in \(s.groups) groups")
    }
    let extra = settings.outputPadding
    guard s.stride.height > 0, s.stride.width > 0, s.dilation.height > 0, s.dilation.width > 0, weight[2] > 0,
      weight[3] > 0, extra.height >= 0, extra.width >= 0
    else { throw .shape(node: node, "stride \(s.stride) and dilation \(s.dilation) must be positive") }
    let height =
      (x[2] - 1) * s.stride.height + s.dilation.height * (weight[2] - 1) + 1 + extra.height - s.padding.top
      - s.padding.bottom
    let width =
      (x[3] - 1) * s.stride.width + s.dilation.width * (weight[3] - 1) + 1 + extra.width - s.padding.left
      - s.padding.right
    let channels = weight[1] * s.groups
    let output = PlaneStack(channels: channels, height: height, width: width)
    guard height > 0, width > 0 else { throw .shape(node: node, "nothing is left of \(x) behind \(s.padding)") }
    if let bias { try checkVector(bias, channels, "bias", x, node) }
    let back = Operator.convolution(s)
    let geometry = try back.convolutionGeometry(of: node, input: output.shape(batch: x[0]), weight: weight)
    guard geometry.outputShape == x else {
      throw .shape(node: node, "output padding \(extra) is too large for stride \(s.stride) and the input \(x)")
    }
    return geometry
  }
}
