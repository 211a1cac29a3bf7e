/// Evaluates nodes whose inputs are all known at import: shape arithmetic, and preparation of weights.
struct ConstantEvaluator {
  let tensors: TensorReader
  /// Remaining number of elements that may be computed: a small file can request any number of large constants.
  private var budget: Int

  /// - Parameter storedElements: number of elements in all initialisers.
  init(tensors: TensorReader, storedElements: Int) {
    self.tensors = tensors
    budget = 1 << 26 + 8 * storedElements
  }

  /// Operators that are evaluated at import, besides those in the tables of `ConstantValue`.
  private static let operators: Set<String> = [
    "Cast", "Clip", "Concat", "ConstantOfShape", "Dropout", "Expand", "Flatten", "Gather", "GatherND", "Identity",
    "NonZero", "Range", "ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
    "ReduceSumSquare", "Reshape", "Slice", "Split", "Squeeze", "Sum", "Tile", "Transpose", "Unsqueeze", "Where",
  ]

  static func computes(_ operation: String) -> Bool {
    operators.contains(operation) || ConstantValue.functions[operation] != nil
      || ConstantValue.unaryFloats[operation] != nil || ConstantValue.unaryInts[operation] != nil
  }

  /// The outputs of a node.
  ///
  /// - Parameter inputs: in the operator's order; nil for missing optional ones.
  /// - Throws: `Refusal` if the operator is unknown or its inputs are invalid.
  mutating func outputs(_ node: Onnx_NodeProto, _ inputs: [ConstantValue?]) throws -> [ConstantValue] {
    guard let x = inputs.first ?? nil else { throw Refusal("it has no input") }
    let attributes = NodeAttributes(node)
    let results =
      node.opType == "Split"
      ? try split(x, inputs, attributes, parts: node.output.count)
      : [try result(node.opType, x, inputs, attributes)]
    budget -= results.reduce(0) { $0 + $1.count }
    guard budget >= 0 else { throw Refusal("the constants of this file are too large to be computed at import") }
    return results
  }

  /// The value of a Constant node.
  func constant(_ node: Onnx_NodeProto) throws -> ConstantValue {
    let attributes = NodeAttributes(node)
    if let tensor = attributes.tensor("value") { return try tensors.value(tensor) }
    if let value = attributes.float("value_float") { return ConstantValue(dims: [], elements: .floats([value])) }
    if let value = attributes.int("value_int") { return ConstantValue(dims: [], elements: .ints([value])) }
    if let values = attributes.floats("value_floats") {
      return ConstantValue(dims: [values.count], elements: .floats(values))
    }
    if let values = attributes.ints("value_ints") { return ConstantValue(values) }
    throw Refusal("constants of strings and sparse constants are not supported")
  }

  private func result(
    _ operation: String, _ x: ConstantValue, _ inputs: [ConstantValue?], _ attributes: NodeAttributes
  ) throws -> ConstantValue {
    func input(_ position: Int) -> ConstantValue? { position < inputs.count ? inputs[position] : nil }
    func required(_ position: Int) throws -> ConstantValue {
      guard let value = input(position) else { throw Refusal("its input \(position + 1) is missing") }
      return value
    }
    switch operation {
    case "Identity", "Dropout": return x
    case "Cast": return try x.cast(to: attributes.int("to") ?? 0)
    case "Mod":
      return try ConstantValue.computed((attributes.int("fmod") ?? 0) != 0 ? "FMod" : "Mod", x, try required(1))
    case "Sum", "Min", "Max":
      let name = operation == "Sum" ? "Add" : operation
      return try inputs.dropFirst().compactMap { $0 }.reduce(x) { try ConstantValue.computed(name, $0, $1) }
    case "Where": return try ConstantValue.selected(x, try required(1), try required(2))
    case "Clip":
      let raised = try input(1).map { try ConstantValue.computed("Max", x, $0) } ?? x
      return try input(2).map { try ConstantValue.computed("Min", raised, $0) } ?? raised
    case "Range": return try range(x, try required(1), try required(2))
    case "ConstantOfShape": return try filled(x, attributes)
    case "NonZero": return nonZero(x)
    case let name where name.hasPrefix("Reduce"):
      let given = try input(1)?.list("axes") ?? attributes.ints("axes") ?? []
      if given.isEmpty, (attributes.int("noop_with_empty_axes") ?? 0) != 0 { return x }
      return try x.reduced(
        name, axes: given.isEmpty ? Array(x.dims.indices) : given, keepsAxes: (attributes.int("keepdims") ?? 1) != 0)
    case let name where ConstantValue.functions[name] != nil:
      return try ConstantValue.computed(name, x, try required(1))
    case let name where ConstantValue.unaryFloats[name] != nil || ConstantValue.unaryInts[name] != nil:
      return try ConstantValue.computed(name, x)
    default: return try moved(operation, x, inputs, attributes)
    }
  }

  /// Operators that select, repeat, concatenate or reshape.
  private func moved(
    _ operation: String, _ x: ConstantValue, _ inputs: [ConstantValue?], _ attributes: NodeAttributes
  ) throws -> ConstantValue {
    func list(_ position: Int, _ role: String) throws -> [Int]? {
      try (position < inputs.count ? inputs[position] : nil)?.list(role)
    }
    func required(_ position: Int, _ role: String) throws -> [Int] {
      guard let values = try list(position, role) else { throw Refusal("its \(role) are missing") }
      return values
    }
    switch operation {
    case "Concat": return try ConstantValue.joined(inputs.compactMap { $0 }, axis: attributes.int("axis") ?? 0)
    case "Expand":
      let target = try required(1, "extents")
      return try x.expanded(to: try ConstantValue.broadcast(x.dims, target))
    case "Tile": return try x.tiled(try required(1, "repetitions"))
    case "Transpose": return try x.transposed(attributes.ints("perm") ?? Array(x.dims.indices.reversed()))
    case "Gather", "GatherND":
      guard inputs.count > 1, var indices = inputs[1] else { throw Refusal("its indices are missing") }
      var axis = attributes.int("axis") ?? 0
      if operation == "GatherND" { (indices, axis) = try indices.alongOneAxis(attributes) }
      return try x.gathered(indices, axis: axis)
    case "Slice":
      return try x.sliced(
        try AxisRange.ranges(
          of: x.dims, starts: try required(1, "starts"), ends: try required(2, "ends"), axes: try list(3, "axes"),
          steps: try list(4, "steps")))
    case "Reshape":
      let target = try required(1, "extents")
      let dims = ConstantValue.reshaped(x.dims, to: target, allowsZero: (attributes.int("allowzero") ?? 0) != 0)
      guard let dims else { throw Refusal("the constant's shape \(x.dims) cannot become \(target)") }
      return x.with(dims: dims)
    case "Flatten":
      let at = attributes.int("axis") ?? 1
      let place = at < 0 ? at &+ x.dims.count : at
      guard (0...x.dims.count).contains(place) else { throw Refusal("there is no axis \(at) in \(x.dims)") }
      return x.with(dims: [x.dims[..<place].reduce(1, *), x.dims[place...].reduce(1, *)])
    case "Squeeze":
      return x.with(dims: try ConstantValue.squeezed(x.dims, axes: try list(1, "axes") ?? attributes.ints("axes")))
    case "Unsqueeze":
      guard let axes = try list(1, "axes") ?? attributes.ints("axes") else { throw Refusal("its axes are missing") }
      return x.with(dims: try ConstantValue.unsqueezed(x.dims, axes: axes))
    default: throw Refusal("\(operation) is not computed at import")
    }
  }

  private func split(
    _ x: ConstantValue, _ inputs: [ConstantValue?], _ attributes: NodeAttributes, parts: Int
  ) throws -> [ConstantValue] {
    let along = try ConstantValue.axis(attributes.int("axis") ?? 0, of: x.dims.count)
    let sizes = try (inputs.count > 1 ? inputs[1]?.list("sizes") : nil) ?? attributes.ints("split")
    return try AxisRange.parts(of: x.dims, axis: along, sizes: sizes, count: parts).map { try x.sliced([$0]) }
  }

  private func range(_ start: ConstantValue, _ end: ConstantValue, _ step: ConstantValue) throws -> ConstantValue {
    if let from = start.ints?.first, let to = end.ints?.first, let by = step.ints?.first {
      guard by != 0, max(abs(Double(from)), abs(Double(to)), abs(Double(by))) < 0x1p53,
        abs(Double(to - from) / Double(by)) < 0x1p24
      else {
        throw Refusal("a range from \(from) to \(to) in steps of \(by) is too long")
      }
      return ConstantValue(Array(stride(from: from, to: to, by: by)))
    }
    guard let from = start.scalar, let to = end.scalar, let by = step.scalar, by != 0, abs((to - from) / by) < 0x1p24
    else { throw Refusal("the limits of its range are not three scalars, or too far apart") }
    let count = max(0, Int(((to - from) / by).rounded(.up)))
    return ConstantValue(dims: [count], elements: .floats((0..<count).map { from + Float($0) * by }))
  }

  private func filled(_ shape: ConstantValue, _ attributes: NodeAttributes) throws -> ConstantValue {
    let dims = try shape.list("extents")
    let count = try ConstantValue.checkedCount(of: dims, operands: [])
    let filling = try attributes.tensor("value").map { try tensors.value($0) }
    if let value = filling?.ints?.first {
      return ConstantValue(dims: dims, elements: .ints(Array(repeating: value, count: count)))
    }
    return ConstantValue(dims: dims, elements: .floats(Array(repeating: filling?.scalar ?? 0, count: count)))
  }

  /// Indices of all non-zero elements: `[rank, count]`.
  private func nonZero(_ x: ConstantValue) -> ConstantValue {
    let values = x.floats
    let positions = values.indices.filter { values[$0] != 0 }
    var indices: [Int] = []
    for axis in x.dims.indices {
      let below = x.dims[(axis + 1)...].reduce(1, *)
      indices += positions.map { $0 / below % x.dims[axis] }
    }
    return ConstantValue(dims: [x.dims.count, positions.count], elements: .ints(indices))
  }
}

extension ConstantValue {
  /// The elements as a flat list of integers.
  func list(_ role: String) throws -> [Int] {
    guard let ints else { throw Refusal("its \(role) must be integers") }
    return ints
  }

  /// Converts the indices of a GatherND with one coordinate each to those of a Gather, with its axis.
  func alongOneAxis(_ attributes: NodeAttributes) throws -> (indices: ConstantValue, axis: Int) {
    guard dims.last == 1, (attributes.int("batch_dims") ?? 0) == 0 else {
      throw Refusal("indices with several coordinates or batch axes are not supported: index one axis at a time")
    }
    return (with(dims: dims.dropLast()), 0)
  }
}
