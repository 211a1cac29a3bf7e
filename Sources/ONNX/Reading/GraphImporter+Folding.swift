import Compute

extension GraphImporter {
  /// Evaluates a node whose result is known at import: constants, extents of values, and operators on them.
  ///
  /// Results that depend on the batch are computed for both batch sizes.
  ///
  /// - Returns: whether the node was folded.
  mutating func fold(_ node: Onnx_NodeProto, _ output: String) throws -> Bool {
    switch node.opType {
    case "Constant":
      constants[output] = PerBatch(try evaluator.constant(node))
      return true
    case "Shape", "Size":
      guard let dims = extents(of: node.input[0]) else { return false }
      constants[output] = node.opType == "Shape" ? try part(of: dims, node) : try size(dims)
      return true
    default: break
    }
    guard !node.opType.hasPrefix("Sequence") else { return false }
    let inputs = node.input.map { constants[$0] }
    guard zip(node.input, inputs).allSatisfy({ $0.isEmpty || $1 != nil }) else { return try castLike(node, output) }
    var node = node
    if node.opType == "CastLike" {
      // Both operands are constants, known only by their kind of number.
      let isFloat = inputs.count > 1 && inputs[1]?.first.ints == nil
      node = Self.cast(node, to: isFloat ? 1 : 7)
    }
    guard ConstantEvaluator.computes(node.opType) else {
      throw Refusal(
        "all of its inputs are constants, and this operator is not computed at import: export with constant folding, "
          + "or simplify the file with onnxsim")
    }
    let first = try evaluator.outputs(node, inputs.map { $0?.first })
    let varies = inputs.contains { $0?.varies == true }
    let second = varies ? try evaluator.outputs(node, inputs.map { $0?.second }) : first
    for (index, name) in node.output.enumerated() where !name.isEmpty && index < first.count {
      constants[name] = varies ? PerBatch(first[index], second[index]) : PerBatch(first[index])
    }
    return true
  }

  /// The extents of a computed value or a constant.
  func extents(of value: String) -> PerBatch<[Int]>? {
    shapes[value]?.map(\.extents) ?? constants[value]?.map(\.dims)
  }

  private func part(of dims: PerBatch<[Int]>, _ node: Onnx_NodeProto) throws -> PerBatch<ConstantValue> {
    let attributes = NodeAttributes(node)
    return dims.map { extents in
      func clamped(_ place: Int) -> Int { min(max(place < 0 ? place + extents.count : place, 0), extents.count) }
      let start = clamped(attributes.int("start") ?? 0)
      let end = clamped(attributes.int("end") ?? extents.count)
      return ConstantValue(start < end ? Array(extents[start..<end]) : [])
    }
  }

  private func size(_ dims: PerBatch<[Int]>) throws -> PerBatch<ConstantValue> {
    try dims.map { extents in
      guard let count = ConstantValue.count(of: extents) else { throw Refusal("the size of \(extents) overflows") }
      return ConstantValue(dims: [], elements: .ints([count]))
    }
  }

  /// Casts a constant to the type of a computed value, which is always a 32-bit float.
  private mutating func castLike(_ node: Onnx_NodeProto, _ output: String) throws -> Bool {
    guard node.opType == "CastLike", node.input.count == 2, let constant = constants[node.input[0]] else {
      return false
    }
    constants[output] = try constant.map { try $0.cast(to: 1) }
    return true
  }

  private static func cast(_ node: Onnx_NodeProto, to type: Int) -> Onnx_NodeProto {
    var cast = node
    cast.opType = "Cast"
    cast.attribute = [.int("to", type)]
    return cast
  }
}
