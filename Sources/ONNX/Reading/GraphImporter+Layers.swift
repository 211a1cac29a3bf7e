import Compute
import NeuralNet

extension GraphImporter {
  /// Convolutions, matrix products, normalisations and pooling.
  mutating func translateLayer(_ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String) throws {
    let x = node.input[0]
    switch node.opType {
    case "Conv": try translateConvolution(node, attributes, output)
    case "ConvTranspose": try translateTransposed(node, attributes, output)
    case "BatchNormalization": try translateBatchNorm(node, attributes, output)
    case "LayerNormalization":
      let rank = try shape(x).rank
      let from = try axis(attributes.int("axis") ?? -1, of: rank)
      var tensors = ["scale": try required(node, 1, "scale").tensor]
      if let shift = try constant(node, 2, "bias") { tensors["shift"] = shift.tensor }
      try append(
        .layerNorm(axis: from, epsilon: attributes.float("epsilon") ?? 1e-5), [x], output: output, tensors)
    case "GroupNormalization":
      let groups = attributes.int("num_groups") ?? 0
      let channels = try shape(x)[1]
      guard groups > 0, channels % groups == 0 else { throw Refusal("\(groups) groups of \(channels) channels") }
      func perChannel(_ value: ConstantValue) -> Tensor {
        // Before opset 21 there is one value per group.
        guard value.count == groups, groups != channels else { return Tensor([value.count], value.floats) }
        return Tensor([channels], (0..<channels).map { value.floats[$0 / (channels / groups)] })
      }
      try append(
        .groupNorm(groups: groups, epsilon: attributes.float("epsilon") ?? 1e-5), [x], output: output,
        ["scale": perChannel(try required(node, 1, "scale")), "shift": perChannel(try required(node, 2, "bias"))])
    case "InstanceNormalization":
      try append(
        .instanceNorm(epsilon: attributes.float("epsilon") ?? 1e-5), [x], output: output,
        ["scale": try required(node, 1, "scale").tensor, "shift": try required(node, 2, "bias").tensor])
    case "Gemm": try translateGemm(node, attributes, output)
    case "MatMul": try translateMatMul(node, output)
    case "GlobalAveragePool": try append(.globalAveragePool, [x], output: output)
    case "GlobalMaxPool":
      let rank = try shape(x).rank
      try append(.reduce(.maximum, axes: Array(2..<max(rank, 2)), keepsAxes: true), [x], output: output)
    default: try translatePool(node, attributes, output)
    }
  }

  private func required(_ node: Onnx_NodeProto, _ position: Int, _ role: String) throws -> ConstantValue {
    guard let value = try constant(node, position, role) else { throw Refusal("its \(role) is missing") }
    return value
  }

  private mutating func translateConvolution(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    let weight = try required(node, 1, "weight").tensor
    let x = try shape(node.input[0])
    guard x.rank == 4, weight.shape.rank == 4 else { throw Refusal("only convolutions of pictures are supported") }
    let stride = try pair(attributes.ints("strides"), 1)
    let dilation = try pair(attributes.ints("dilations"), 1)
    let kernel = Pair(height: weight.shape[2], width: weight.shape[3])
    let padding = try padding(attributes, x, kernel, stride, dilation)
    var tensors = ["weight": weight]
    if let bias = try constant(node, 2, "bias") { tensors["bias"] = bias.tensor }
    try append(
      .convolution(
        .init(stride: stride, dilation: dilation, padding: padding, groups: attributes.int("group") ?? 1)),
      [node.input[0]], output: output, tensors)
  }

  private mutating func translateTransposed(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    let weight = try required(node, 1, "weight").tensor
    let x = try shape(node.input[0])
    guard x.rank == 4, weight.shape.rank == 4 else { throw Refusal("only convolutions of pictures are supported") }
    guard !attributes.has("output_shape"), ["NOTSET", "VALID", nil].contains(attributes.text("auto_pad")) else {
      throw Refusal("its padding must be given in numbers")
    }
    let stride = try pair(attributes.ints("strides"), 1)
    let dilation = try pair(attributes.ints("dilations"), 1)
    let convolution = ConvolutionSettings(
      stride: stride, dilation: dilation, padding: try explicitPadding(attributes), groups: attributes.int("group") ?? 1
    )
    var tensors = ["weight": weight]
    if let bias = try constant(node, 2, "bias") { tensors["bias"] = bias.tensor }
    try append(
      .transposedConvolution(
        .init(convolution: convolution, outputPadding: try pair(attributes.ints("output_padding"), 0))),
      [node.input[0]], output: output, tensors)
  }

  private mutating func translateBatchNorm(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    guard (attributes.int("training_mode") ?? 0) == 0 else { throw Refusal("it is exported for training") }
    let roles = ["scale", "shift", "mean", "variance"]
    var tensors: [String: Tensor] = [:]
    for (index, role) in roles.enumerated() {
      let value = try required(node, index + 1, role)
      tensors[role] = Tensor([value.count], value.floats)
    }
    let epsilon = attributes.float("epsilon") ?? 1e-5
    let x = try shape(node.input[0])
    guard x.rank != 4 else {
      let momentum = 1 - (attributes.float("momentum") ?? 0.9)
      try append(
        .batchNorm(BatchNormSettings(epsilon: epsilon, momentum: momentum)), [node.input[0]], output: output, tensors)
      return
    }
    // On vectors, batch norm is one scale and one offset per feature.
    guard let scale = tensors["scale"], let shift = tensors["shift"], let mean = tensors["mean"],
      let variance = tensors["variance"], x.rank >= 2, scale.count == x[1], shift.count == x[1], mean.count == x[1],
      variance.count == x[1]
    else { throw Refusal("its parameters do not fit the input \(x)") }
    let dims = [x[1]] + Array(repeating: 1, count: x.rank - 2)
    let factors = (0..<x[1]).map { scale[$0] / (variance[$0] + epsilon).squareRoot() }
    let offsets = (0..<x[1]).map { shift[$0] - factors[$0] * mean[$0] }
    let (factor, offset, scaled) = (between(output, "factor"), between(output, "offset"), between(output, "scaled"))
    constants[factor] = PerBatch(ConstantValue(dims: dims, elements: .floats(factors)))
    constants[offset] = PerBatch(ConstantValue(dims: dims, elements: .floats(offsets)))
    try append(.binary(.multiply), [node.input[0], factor], output: scaled)
    try append(.add, [scaled, offset], output: output)
  }

  private mutating func translateGemm(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    guard (attributes.int("transA") ?? 0) == 0 else { throw Refusal("its first matrix must not be transposed") }
    let weight = try required(node, 1, "second matrix")
    guard weight.dims.count == 2, try shape(node.input[0]).rank == 2 else { throw Refusal("it takes two matrices") }
    let alpha = attributes.float("alpha") ?? 1
    let isTransposed = (attributes.int("transB") ?? 0) != 0
    var tensors = ["weight": Self.weight(weight, isTransposed: isTransposed, times: alpha)]
    if let bias = try constant(node, 2, "bias") {
      let beta = attributes.float("beta") ?? 1
      let count = tensors["weight"].map { $0.shape[0] } ?? 0
      guard bias.count == count || bias.count == 1, bias.dims.dropLast().allSatisfy({ $0 == 1 }) else {
        throw Refusal("its bias \(bias.dims) must be a vector")
      }
      tensors["bias"] = Tensor([count], (0..<count).map { beta * bias.floats[bias.count == 1 ? 0 : $0] })
    }
    try append(.linear, [node.input[0]], output: output, tensors)
  }

  private mutating func translateMatMul(_ node: Onnx_NodeProto, _ output: String) throws {
    guard node.input.count == 2 else { throw Refusal("it takes two values") }
    if let weight = constants[node.input[1]]?.fixed, weight.dims.count == 2, let x = shapes[node.input[0]]?.first,
      x.rank >= 2, x.rank != 4
    {
      try append(
        .linear, [node.input[0]], output: output, ["weight": Self.weight(weight, isTransposed: false, times: 1)])
      return
    }
    try append(.matMul, node.input, output: output)
  }

  /// A matrix as the weight `[out, in]` of a linear layer.
  private static func weight(_ matrix: ConstantValue, isTransposed: Bool, times factor: Float) -> Tensor {
    let values = factor == 1 ? matrix.floats : matrix.floats.map { factor * $0 }
    guard !isTransposed else { return Tensor(Shape(matrix.dims), values) }
    let (rows, columns) = (matrix.dims[0], matrix.dims[1])
    return Tensor([columns, rows], (0..<values.count).map { values[$0 % rows * columns + $0 / rows] })
  }

  // MARK: - Windows

  private mutating func translatePool(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    guard !node.output.dropFirst().contains(where: { !$0.isEmpty }) else {
      throw Refusal("its indices are not made here")
    }
    let x = try shape(node.input[0])
    guard x.rank == 4, let kernel = attributes.ints("kernel_shape"), kernel.count == 2 else {
      throw Refusal("only pooling of pictures is supported")
    }
    let window = Pair(height: kernel[0], width: kernel[1])
    let stride = try pair(attributes.ints("strides"), 1)
    let dilation = try pair(attributes.ints("dilations"), 1)
    guard dilation == Pair(1) else { throw Refusal("windows with gaps are not supported") }
    var padding = try padding(attributes, x, window, stride, dilation)
    let isMaximum = node.opType == "MaxPool"
    let countsPadding = (attributes.int("count_include_pad") ?? 0) != 0
    if (attributes.int("ceil_mode") ?? 0) != 0 {
      let below = Self.missing(x[2] + padding.top + padding.bottom, window.height, stride.height)
      let right = Self.missing(x[3] + padding.left + padding.right, window.width, stride.width)
      guard isMaximum || !countsPadding || (below == 0 && right == 0) else {
        throw Refusal("means that count padding, with windows that reach beyond it, are not supported")
      }
      padding.bottom += below
      padding.right += right
    }
    let settings = PoolSettings(kernel: window, stride: stride, padding: padding)
    try append(
      isMaximum ? .maxPool(settings) : .averagePool(settings, countsPadding: countsPadding), [node.input[0]],
      output: output)
  }

  /// Padding that completes the last, partly filled window; 0 if the window would begin beyond the end.
  private static func missing(_ extent: Int, _ kernel: Int, _ stride: Int) -> Int {
    let rest = (extent - kernel) % stride
    return rest > 0 ? stride - rest : 0
  }

  private func pair(_ values: [Int]?, _ otherwise: Int) throws -> Pair {
    guard let values, !values.isEmpty else { return Pair(otherwise) }
    guard values.count == 2, values.allSatisfy({ (0...1 << 16).contains($0) }) else {
      throw Refusal("\(values) are not two numbers for rows and columns")
    }
    return Pair(height: values[0], width: values[1])
  }

  private func explicitPadding(_ attributes: NodeAttributes) throws -> Padding {
    guard let pads = attributes.ints("pads"), !pads.isEmpty else { return Padding(0) }
    guard pads.count == 4, pads.allSatisfy({ (0...1 << 16).contains($0) }) else {
      throw Refusal("\(pads) are not four numbers of rows and columns")
    }
    return Padding(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
  }

  private func padding(
    _ attributes: NodeAttributes, _ x: Shape, _ kernel: Pair, _ stride: Pair, _ dilation: Pair
  ) throws -> Padding {
    let mode = attributes.text("auto_pad") ?? "NOTSET"
    switch mode {
    case "NOTSET", "": return try explicitPadding(attributes)
    case "VALID": return Padding(0)
    case "SAME_UPPER", "SAME_LOWER":
      func total(_ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) throws -> Int {
        guard stride > 0 else { throw Refusal("a stride of 0") }
        let outputs = (extent + stride - 1) / stride
        return max(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - extent)
      }
      let rows = try total(x[2], kernel.height, stride.height, dilation.height)
      let columns = try total(x[3], kernel.width, stride.width, dilation.width)
      let (less, more) = ((rows / 2, columns / 2), (rows - rows / 2, columns - columns / 2))
      return mode == "SAME_UPPER"
        ? Padding(top: less.0, left: less.1, bottom: more.0, right: more.1)
        : Padding(top: more.0, left: more.1, bottom: less.0, right: less.1)
    default: throw Refusal("the padding '\(mode)' is not supported")
    }
  }
}
