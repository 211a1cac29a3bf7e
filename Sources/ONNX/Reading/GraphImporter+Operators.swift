import Compute
import NeuralNet

extension GraphImporter {
  /// Translates one node of the graph into nodes of the network, or into constants.
  mutating func translate(_ node: Onnx_NodeProto) throws {
    guard let output = node.output.first, !output.isEmpty else { throw Refusal("it has no output") }
    let extra = node.output.dropFirst().contains { !$0.isEmpty }
    let mayHaveMore = ["Split", "Dropout", "MaxPool", "BatchNormalization"].contains(node.opType)
    guard !extra || mayHaveMore else { throw Refusal("only its first output is supported") }
    guard node.opType == "Constant" || node.input.first?.isEmpty == false else { throw Refusal("it has no input") }
    if try fold(node, output) { return }
    let attributes = NodeAttributes(node)
    switch node.opType {
    case "Conv", "ConvTranspose", "BatchNormalization", "LayerNormalization", "GroupNormalization",
      "InstanceNormalization", "Gemm", "MatMul", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool":
      try translateLayer(node, attributes, output)
    case "Add", "Sub", "Mul", "Div", "Sum", "Pow", "Neg", "Reciprocal":
      try translateArithmetic(node, output)
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile":
      try translateReshaping(node, attributes, output)
    case "Slice", "Split", "Gather", "GatherND", "SequenceConstruct", "SplitToSequence", "SequenceAt", "SequenceLength",
      "ConcatFromSequence":
      try translateSlicing(node, attributes, output)
    case "Transpose", "Concat", "Pad", "Resize", "ReduceMean", "ReduceSum", "ReduceMax":
      try translateRearranging(node, attributes, output)
    case "Identity", "Cast", "CastLike":
      let isLikeFloats = node.input.count == 2 && shapes[node.input[1]] != nil
      guard node.opType != "Cast" || attributes.int("to") == 1, node.opType != "CastLike" || isLikeFloats else {
        throw Refusal("only casts to 32-bit floats are supported")
      }
      try append(.identity, [node.input[0]], output: output)
    case "Dropout":
      guard !node.output.dropFirst().contains(where: { !$0.isEmpty }) else {
        throw Refusal("its mask is not made here")
      }
      let rate = try constant(node, 1, "ratio")?.scalar ?? attributes.float("ratio") ?? 0.5
      guard (0..<1).contains(rate) else { throw Refusal("a ratio of \(rate) is not in 0..<1") }
      try append(.dropout(rate: rate), [node.input[0]], output: output)
    case "Max", "Min":
      try append(.activation(try limit(node)), [node.input.first { shapes[$0] != nil } ?? ""], output: output)
    case "Softmax":
      try translateSoftmax(node, attributes, output)
    default:
      guard let function = try activation(node, attributes) else {
        throw Refusal("this operator is not supported: replace it before exporting")
      }
      try append(.activation(function), [node.input[0]], output: output)
    }
  }

  /// The maximum or minimum of a value and a constant.
  private func limit(_ node: Onnx_NodeProto) throws -> ActivationFunction {
    let numbers = node.input.compactMap { constants[$0]?.fixed?.scalar }
    guard node.input.count == 2, numbers.count == 1, let number = numbers.first, number.isFinite else {
      throw Refusal("only the maximum and minimum of a value and one number are supported")
    }
    return node.opType == "Max"
      ? .clip(low: number, high: .greatestFiniteMagnitude) : .clip(low: -.greatestFiniteMagnitude, high: number)
  }

  private func activation(_ node: Onnx_NodeProto, _ attributes: NodeAttributes) throws -> ActivationFunction? {
    switch node.opType {
    case "Relu": return .relu
    case "LeakyRelu": return .leakyRelu(slope: attributes.float("alpha") ?? 0.01)
    case "PRelu":
      let slopes = try constant(node, 1, "slope")?.floats ?? []
      guard let slope = slopes.first, slopes.allSatisfy({ $0 == slope }) else {
        throw Refusal("slopes that differ by channel are not supported")
      }
      return .leakyRelu(slope: slope)
    case "Clip":
      let low = try constant(node, 1, "minimum")?.scalar ?? attributes.float("min") ?? -.greatestFiniteMagnitude
      let high = try constant(node, 2, "maximum")?.scalar ?? attributes.float("max") ?? .greatestFiniteMagnitude
      return .clip(low: low, high: high)
    case "Sigmoid": return .sigmoid
    case "Tanh": return .tanh
    case "HardSwish": return .hardSwish
    case "HardSigmoid":
      return .hardSigmoid(slope: attributes.float("alpha") ?? 0.2, offset: attributes.float("beta") ?? 0.5)
    case "Gelu": return .gelu(approximate: attributes.text("approximate") == "tanh")
    case "Swish" where (attributes.float("alpha") ?? 1) == 1: return .silu
    case "Exp": return .exponential
    case "Sqrt": return .squareRoot
    case "Erf": return .errorFunction
    default: return nil
    }
  }

  private mutating func translateSoftmax(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    let x = try shape(node.input[0])
    let along = try axis(attributes.int("axis") ?? (opset < 13 ? 1 : -1), of: x.rank)
    if opset >= 13 || x.extents[(along + 1)...].allSatisfy({ $0 == 1 }) {
      try append(.softmax(axis: along), [node.input[0]], output: output)
      return
    }
    // Before opset 13, all axes from the given one on are merged.
    let flat = between(output, "flat")
    let shares = between(output, "shares")
    let whole = try shapePair(node.input[0]).map(\.extents)
    try appendReshape(
      node.input[0], to: whole.map { Array($0[..<along]) + [$0[along...].reduce(1, *)] }, output: flat)
    try append(.softmax(axis: along), [flat], output: shares)
    try appendReshape(shares, to: whole, output: output)
  }

  private mutating func translateArithmetic(_ node: Onnx_NodeProto, _ output: String) throws {
    let functions: [String: BinaryFunction] = ["Add": .add, "Sub": .subtract, "Mul": .multiply, "Div": .divide]
    if let function = functions[node.opType] {
      guard node.input.count == 2 else { throw Refusal("it takes two values") }
      let (a, b) = (node.input[0], node.input[1])
      let operands = [try broadcastOperand(a, beside: b), try broadcastOperand(b, beside: a)]
      try append(.binary(function), operands, output: output)
      return
    }
    let x = node.input[0]
    switch node.opType {
    case "Sum":
      guard node.input.count > 1 else { return try append(.identity, [x], output: output) }
      var sum = x
      for (index, term) in node.input.dropFirst().enumerated() {
        let isLast = index == node.input.count - 2
        let name = isLast ? output : between(output, "sum\(index)")
        try append(.add, [sum, term], output: name)
        sum = name
      }
    case "Pow":
      switch try constant(node, 1, "exponent")?.scalar {
      case 2: try append(.binary(.multiply), [x, x], output: output)
      case 1: try append(.identity, [x], output: output)
      case 0.5: try append(.activation(.squareRoot), [x], output: output)
      default: throw Refusal("only the exponents 0.5, 1 and 2 are supported")
      }
    default:
      let isNegation = node.opType == "Neg"
      let factor = between(output, "factor")
      constants[factor] = PerBatch(ConstantValue(dims: [1], elements: .floats([isNegation ? -1 : 1])))
      try append(.binary(isNegation ? .multiply : .divide), isNegation ? [x, factor] : [factor, x], output: output)
    }
  }
}
