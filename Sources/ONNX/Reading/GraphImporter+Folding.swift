import Compute

extension GraphImporter {
  /// Computes what is known already: constants, shapes, and arithmetic on them, as exporters write it around reshapes.
  ///
  /// - Returns: whether the node was dealt with.
  mutating func fold(_ node: Onnx_NodeProto, _ output: String) throws -> Bool {
    let attributes = NodeAttributes(node)
    switch node.opType {
    case "Constant":
      constants[output] = try constantNode(attributes)
      return true
    case "Shape":
      let extents =
        try shapes[node.input[0]]?.extents ?? constants[node.input[0]]?.dims ?? { throw Refusal("no shape") }()
      let start = attributes.int("start") ?? 0
      let end = attributes.int("end") ?? extents.count
      let from = min(max(start < 0 ? start + extents.count : start, 0), extents.count)
      let to = min(max(end < 0 ? end + extents.count : end, from), extents.count)
      constants[output] = ConstantValue(dims: [to - from], elements: .ints(Array(extents[from..<to])))
      return true
    default: break
    }
    let inputs = node.input.filter { !$0.isEmpty }.map { constants[$0] }
    guard !inputs.isEmpty, inputs.allSatisfy({ $0 != nil }) else { return false }
    guard let value = try folded(node, attributes, inputs.compactMap { $0 }) else { return false }
    constants[output] = value
    return true
  }

  private func constantNode(_ attributes: NodeAttributes) throws -> ConstantValue {
    if let tensor = attributes.tensor("value") { return try tensors.value(tensor) }
    if let value = attributes.float("value_float") { return ConstantValue(dims: [], elements: .floats([value])) }
    if let value = attributes.int("value_int") { return ConstantValue(dims: [], elements: .ints([value])) }
    if let values = attributes.floats("value_floats"), attributes.has("value_floats") {
      return ConstantValue(dims: [values.count], elements: .floats(values))
    }
    if let values = attributes.ints("value_ints"), attributes.has("value_ints") {
      return ConstantValue(dims: [values.count], elements: .ints(values))
    }
    throw Refusal("a constant of this kind is not known here")
  }

  private func folded(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ inputs: [ConstantValue]
  ) throws -> ConstantValue? {
    let x = inputs[0]
    switch node.opType {
    case "Identity": return x
    case "Add", "Sub", "Mul", "Div":
      return inputs.count == 2 ? ConstantValue.computed(node.opType, x, inputs[1]) : nil
    case "Gather" where (attributes.int("axis") ?? 0) == 0: return inputs.count == 2 ? x.gathered(inputs[1]) : nil
    case "Concat": return ConstantValue.joined(inputs)
    case "Cast": return cast(x, to: attributes.int("to") ?? 0)
    case "Floor": return ConstantValue(dims: x.dims, elements: .floats(x.floats.map { $0.rounded(.down) }))
    case "Unsqueeze", "Squeeze":
      let axes = inputs.count > 1 ? inputs[1].ints : attributes.ints("axes")
      return reshaped(x, squeezes: node.opType == "Squeeze", axes)
    case "Reshape":
      guard inputs.count == 2, let target = inputs[1].ints, !target.contains(0) else { return nil }
      let known = target.filter { $0 > 0 }.reduce(1, *)
      let dims = target.map { $0 == -1 && known > 0 ? x.count / known : $0 }
      return dims.allSatisfy({ $0 > 0 }) && dims.reduce(1, *) == x.count
        ? ConstantValue(dims: dims, elements: x.elements) : nil
    case "ConstantOfShape":
      guard let dims = x.ints, dims.allSatisfy({ (0...1 << 20).contains($0) }), dims.count <= 4 else { return nil }
      let count = dims.reduce(1, *)
      guard count <= 1 << 24 else { return nil }
      let filling = try attributes.tensor("value").map { try tensors.value($0) }
      if let whole = filling?.ints?.first {
        return ConstantValue(dims: dims, elements: .ints(Array(repeating: whole, count: count)))
      }
      return ConstantValue(dims: dims, elements: .floats(Array(repeating: filling?.scalar ?? 0, count: count)))
    case "Transpose": return x.transposed(attributes.ints("perm") ?? Array(x.dims.indices.reversed()))
    case "Slice": return sliced(x, inputs.dropFirst().map(\.ints))
    case "Range":
      guard inputs.count == 3, let start = x.ints?.first, let end = inputs[1].ints?.first,
        let step = inputs[2].ints?.first, step != 0, abs(end / 2 - start / 2) < 1 << 24
      else { return nil }
      let values = Array(stride(from: start, to: end, by: step))
      return ConstantValue(dims: [values.count], elements: .ints(values))
    default: return nil
    }
  }

  private func cast(_ x: ConstantValue, to type: Int) -> ConstantValue? {
    switch type {
    case 1, 10, 11: return ConstantValue(dims: x.dims, elements: .floats(x.floats))
    case 6, 7:
      guard x.floats.allSatisfy({ abs($0) < 1e15 }) else { return nil }
      return x.ints != nil ? x : ConstantValue(dims: x.dims, elements: .ints(x.floats.map { Int($0) }))
    default: return nil
    }
  }

  private func reshaped(_ x: ConstantValue, squeezes: Bool, _ axes: [Int]?) -> ConstantValue? {
    var dims = x.dims
    if squeezes {
      let rank = dims.count
      let gone = axes.map { $0.map { $0 < 0 ? $0 + rank : $0 } } ?? dims.indices.filter { dims[$0] == 1 }
      guard gone.allSatisfy({ dims.indices.contains($0) && dims[$0] == 1 }) else { return nil }
      dims = dims.indices.filter { !gone.contains($0) }.map { dims[$0] }
    } else {
      guard let axes else { return nil }
      let rank = dims.count + axes.count
      for axis in axes.map({ $0 < 0 ? $0 + rank : $0 }).sorted() {
        guard (0...dims.count).contains(axis) else { return nil }
        dims.insert(1, at: axis)
      }
    }
    return ConstantValue(dims: dims, elements: x.elements)
  }

  /// Of one-dimensional values: starts, ends, axes, steps.
  private func sliced(_ x: ConstantValue, _ parts: [[Int]?]) -> ConstantValue? {
    guard x.dims.count == 1, parts.count >= 2, let start = parts[0]?.first, let end = parts[1]?.first,
      parts.count < 4 || parts[3]?.first == 1
    else { return nil }
    let from = min(max(start < 0 ? start + x.count : start, 0), x.count)
    let to = min(max(end < 0 ? end + x.count : end, from), x.count)
    return ConstantValue(dims: [to - from], elements: x.picking(Array(from..<to)))
  }
}
