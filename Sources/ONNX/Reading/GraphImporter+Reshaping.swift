import Compute
import NeuralNet

/// Operators that change the shape or repeat elements.
extension GraphImporter {
  mutating func translateReshaping(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    let name = node.input[0]
    let x = try shapePair(name).map(\.extents)
    switch node.opType {
    case "Reshape":
      guard let target = try intsPair(node, 1, "target shape") else { throw Refusal("its target shape is missing") }
      let allowsZero = (attributes.int("allowzero") ?? 0) != 0
      try appendReshape(name, to: try resolved(target, x, allowsZero: allowsZero), output: output)
    case "Flatten":
      let at = attributes.int("axis") ?? 1
      try append(.flatten(axis: at < 0 ? at &+ x.first.count : at), [name], output: output)
    case "Squeeze":
      let axes = try ints(node, 1, "axes") ?? attributes.ints("axes")
      try appendReshape(name, to: try x.map { try ConstantValue.squeezed($0, axes: axes) }, output: output)
    case "Unsqueeze":
      guard let axes = try ints(node, 1, "axes") ?? attributes.ints("axes") else {
        throw Refusal("its axes are missing")
      }
      try appendReshape(name, to: try x.map { try ConstantValue.unsqueezed($0, axes: axes) }, output: output)
    case "Expand": try expand(node, x, output)
    default: try tile(node, x, output)
    }
  }

  /// Appends a reshape to extents given for both batch sizes.
  ///
  /// Extents that depend on the batch are copied from the same axis of the input if possible; one may be inferred.
  mutating func appendReshape(_ name: String, to extents: PerBatch<[Int]>, output: String) throws {
    let x = try shapePair(name)
    let (first, second) = (extents.first, extents.second)
    guard first.count == second.count else {
      throw Refusal("the number of axes depends on the batch size: \(first) and \(second)")
    }
    guard !(first + second).contains(0) else { throw Refusal("it makes a value without elements, \(first)") }
    var target = first
    var isOpen = false
    for axis in first.indices where first[axis] != second[axis] {
      if axis < x.first.rank, x.first[axis] == first[axis], x.second[axis] == second[axis] {
        target[axis] = 0
      } else if !isOpen {
        target[axis] = -1
        isOpen = true
      } else {
        throw Refusal("more than one axis of \(first) depends on the batch size")
      }
    }
    try append(.reshape(target), [name], output: output)
  }

  /// The output extents of a Reshape.
  private func resolved(
    _ target: PerBatch<[Int]>, _ x: PerBatch<[Int]>, allowsZero: Bool
  ) throws -> PerBatch<[Int]> {
    func extents(_ target: [Int], _ x: [Int]) throws -> [Int] {
      guard let extents = ConstantValue.reshaped(x, to: target, allowsZero: allowsZero) else {
        throw Refusal("cannot reshape \(x) to \(target)")
      }
      return extents
    }
    let first = try extents(target.first, x.first)
    guard !target.varies, x.varies, let axis = batchAxis(of: first, target.first, x) else {
      return PerBatch(first, try extents(target.second, x.second))
    }
    // The target is the same for both batch sizes: an exporter that knew the batch size wrote it into the extents.
    var second = first
    second[axis] = 1
    let (count, rest) = (x.second.reduce(1, *), second.reduce(1, *))
    guard rest > 0, count % rest == 0 else {
      throw Refusal("\(target.first) fits a batch of \(batch.first) only: export with an open batch axis")
    }
    second[axis] = count / rest
    return PerBatch(first, second)
  }

  /// The axis of a reshaped value into which the batch is merged.
  ///
  /// Elements keep their order, so it is an axis whose stride is at most the batch's, and whose whole extent is at
  /// least the batch's. Among several, the batch axis itself takes precedence, then the inferred axis, -1.
  private func batchAxis(of extents: [Int], _ target: [Int], _ x: PerBatch<[Int]>) -> Int? {
    let varying = x.first.indices.filter { x.first[$0] != x.second[$0] }
    guard varying.count == 1, x.first[varying[0]] % batch.first == 0 else { return nil }
    // In an axis that the batch shares, the batch is the outer part.
    let batchStride = x.first[varying[0]...].reduce(1, *) / batch.first
    func stride(of axis: Int) -> Int { extents[(axis + 1)...].reduce(1, *) }
    let candidates = extents.indices.filter {
      stride(of: $0) <= batchStride && stride(of: $0) * extents[$0] >= batchStride * batch.first
    }
    return candidates.first { stride(of: $0) == batchStride && extents[$0] == batch.first }
      ?? candidates.first { target[$0] == -1 } ?? candidates.first
  }

  private mutating func expand(_ node: Onnx_NodeProto, _ x: PerBatch<[Int]>, _ output: String) throws {
    guard let target = try intsPair(node, 1, "target shape") else { throw Refusal("its target shape is missing") }
    let first = try ConstantValue.broadcast(x.first, target.first)
    let second = try ConstantValue.broadcast(x.second, target.second)
    try repeatOnes(node.input[0], x, to: PerBatch(first, second), output: output)
  }

  /// Repeats axes of extent 1 by broadcasting: multiplies by a tensor of ones.
  private mutating func repeatOnes(
    _ name: String, _ x: PerBatch<[Int]>, to extents: PerBatch<[Int]>, output: String
  ) throws {
    guard extents.first != x.first || extents.second != x.second else {
      return try append(.identity, [name], output: output)
    }
    let added = extents.first.count - x.first.count
    let ones = try extents.first.indices.map { axis in
      let old = axis < added ? (1, 1) : (x.first[axis - added], x.second[axis - added])
      guard (extents.first[axis], extents.second[axis]) != old else { return 1 }
      // If the file fixes the batch, a target with that extent requests no repetition.
      guard extents.first[axis] != old.0 || extents.first[axis] != batch.first else { return 1 }
      guard extents.first[axis] == extents.second[axis] else { throw Refusal("it repeats a value for every sample") }
      return extents.first[axis]
    }
    let count = try ConstantValue.checkedCount(of: ones, operands: [])
    let factor = between(output, "ones")
    constants[factor] = PerBatch(ConstantValue(dims: ones, elements: .floats(Array(repeating: 1, count: count))))
    try append(.binary(.multiply), [name, factor], output: output)
  }

  private mutating func tile(_ node: Onnx_NodeProto, _ x: PerBatch<[Int]>, _ output: String) throws {
    guard let repeats = try ints(node, 1, "repetitions"), repeats.count == x.first.count else {
      throw Refusal("its repetitions do not fit the shape \(x.first)")
    }
    let axes = repeats.indices.filter { repeats[$0] != 1 }
    guard axes.allSatisfy({ (1...256).contains(repeats[$0]) }) else { throw Refusal("repetitions of \(repeats)") }
    guard axes.contains(where: { x.first[$0] != 1 }) else {
      let extents = x.map { extents in extents.indices.map { extents[$0] * repeats[$0] } }
      return try repeatOnes(node.input[0], x, to: extents, output: output)
    }
    var value = node.input[0]
    for axis in axes {
      let name = axis == axes.last ? output : between(output, "axis\(axis)")
      try append(.concat(axis: axis), Array(repeating: value, count: repeats[axis]), output: name)
      value = name
    }
  }
}
