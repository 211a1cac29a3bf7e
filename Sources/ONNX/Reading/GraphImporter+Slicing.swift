import Compute
import NeuralNet

/// Operators that select parts of a value, and sequences of such parts.
extension GraphImporter {
  mutating func translateSlicing(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    let name = node.input[0]
    switch node.opType {
    case "Slice": try slice(node, try shapePair(name), output)
    case "Split":
      let sizes = try ints(node, 1, "sizes") ?? attributes.ints("split")
      let along = try axis(attributes.int("axis") ?? 0, of: try shape(name).rank)
      try split(name, axis: along, sizes: sizes, into: node.output)
    case "Gather", "GatherND":
      guard var indices = try constant(node, 1, "indices") else { throw Refusal("its indices are missing") }
      var along = attributes.int("axis") ?? 0
      if node.opType == "GatherND" { (indices, along) = try indices.alongOneAxis(attributes) }
      try gather(name, indices, axis: try axis(along, of: try shape(name).rank), output)
    default: try translateSequence(node, attributes, output)
    }
  }

  private mutating func slice(_ node: Onnx_NodeProto, _ x: PerBatch<Shape>, _ output: String) throws {
    guard let starts = try intsPair(node, 1, "starts"), let ends = try intsPair(node, 2, "ends") else {
      throw Refusal("its starts and ends are missing")
    }
    let axes = try ints(node, 3, "axes")
    let steps = try ints(node, 4, "steps")
    let first = try AxisRange.ranges(
      of: x.first.extents, starts: starts.first, ends: ends.first, axes: axes, steps: steps)
    let second = try AxisRange.ranges(
      of: x.second.extents, starts: starts.second, ends: ends.second, axes: axes, steps: steps)
    var slices: [AxisSlice] = []
    for (range, other) in zip(first, second) {
      let isWhole = range.isWhole(of: x.first.extents) && other.isWhole(of: x.second.extents)
      guard !isWhole else { continue }
      try requireFixed(range.axis, of: x)
      guard range == other else { throw Refusal("what it takes of axis \(range.axis) depends on the batch size") }
      guard range.count > 0 else { throw Refusal("nothing is left on axis \(range.axis) of \(x.first)") }
      slices.append(AxisSlice(axis: range.axis, start: range.start, count: range.count, step: range.step))
    }
    try append(slices.isEmpty ? .identity : .slice(slices), [node.input[0]], output: output)
  }

  /// Samples of a batch are independent: slices of the batch axis are not supported.
  private func requireFixed(_ axis: Int, of x: PerBatch<Shape>) throws {
    guard x.first[axis] == x.second[axis] else {
      throw Refusal("it selects part of axis \(axis), whose extent depends on the batch size")
    }
  }

  private mutating func split(_ name: String, axis: Int, sizes: [Int]?, into outputs: [String]) throws {
    let x = try shapePair(name)
    try requireFixed(axis, of: x)
    let parts = try AxisRange.parts(of: x.first.extents, axis: axis, sizes: sizes, count: outputs.count)
    for (output, part) in zip(outputs, parts) where !output.isEmpty {
      guard part.count > 0 else { throw Refusal("nothing is left on axis \(axis) of \(x.first)") }
      try append(.slice([AxisSlice(axis: axis, start: part.start, count: part.count)]), [name], output: output)
    }
  }

  /// Slices at constant indices, as the smallest number of strided slices, concatenated.
  private mutating func gather(_ name: String, _ indices: ConstantValue, axis: Int, _ output: String) throws {
    let x = try shapePair(name)
    try requireFixed(axis, of: x)
    let places = try indices.places(within: x.first[axis])
    let runs = Self.runs(places)
    guard !runs.isEmpty, runs.count <= 256 else {
      throw Refusal("its \(places.count) indices make \(runs.count) slices; 1 to 256 are supported")
    }
    let keepsAxis = indices.dims.count == 1
    let selected = keepsAxis ? output : between(output, "selected")
    var parts: [String] = []
    for (number, run) in runs.enumerated() {
      let part = runs.count == 1 ? selected : between(output, "part\(number)")
      try append(
        .slice([AxisSlice(axis: axis, start: run.start, count: run.count, step: run.step)]), [name], output: part)
      parts.append(part)
    }
    if parts.count > 1 { try append(.concat(axis: axis), parts, output: selected) }
    guard !keepsAxis else { return }
    let extents = x.map { Array($0.extents[..<axis]) + indices.dims + Array($0.extents[(axis + 1)...]) }
    try appendReshape(selected, to: extents, output: output)
  }

  /// Runs of equally spaced indices.
  private static func runs(_ places: [Int]) -> [(start: Int, count: Int, step: Int)] {
    var runs: [(start: Int, count: Int, step: Int)] = []
    for place in places {
      if let last = runs.last {
        let end = last.start + (last.count - 1) * last.step
        if last.count == 1, place != end {
          runs[runs.count - 1] = (last.start, 2, place - end)
          continue
        }
        if last.count > 1, place == end + last.step {
          runs[runs.count - 1].count += 1
          continue
        }
      }
      runs.append((place, 1, 1))
    }
    return runs
  }

  // MARK: - Sequences

  private mutating func translateSequence(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    let name = node.input[0]
    switch node.opType {
    case "SequenceConstruct": sequences[output] = node.input
    case "SplitToSequence": try splitToSequence(node, attributes, output)
    case "SequenceAt":
      let items = try items(name)
      guard let index = try ints(node, 1, "position")?.first else { throw Refusal("its position is missing") }
      let place = index < 0 ? index &+ items.count : index
      guard items.indices.contains(place) else { throw Refusal("there is no element \(index) among \(items.count)") }
      if let constant = constants[items[place]] {
        constants[output] = constant
      } else {
        try append(.identity, [items[place]], output: output)
      }
    case "SequenceLength":
      constants[output] = PerBatch(ConstantValue(dims: [], elements: .ints([try items(name).count])))
    default:
      let items = try items(name)
      guard items.contains(where: { shapes[$0] != nil }) else { throw Refusal("it joins constants only") }
      guard (attributes.int("new_axis") ?? 0) == 0 else { throw Refusal("stacked sequences are not supported") }
      let rank = try shape(items.first { shapes[$0] != nil } ?? "").rank
      try append(.concat(axis: try axis(attributes.int("axis") ?? 0, of: rank)), items, output: output)
    }
  }

  private func items(_ sequence: String) throws -> [String] {
    guard let items = sequences[sequence] else { throw Refusal("its input '\(sequence)' is no sequence") }
    return items
  }

  private mutating func splitToSequence(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    let name = node.input[0]
    let x = try shape(name)
    let along = try axis(attributes.int("axis") ?? 0, of: x.rank)
    let given = try constant(node, 1, "sizes")
    var sizes = Array(repeating: 1, count: x[along])
    if let given, let size = try given.list("sizes").first {
      guard size > 0 else { throw Refusal("parts of \(size)") }
      let count = (x[along] + size - 1) / size
      sizes = given.dims.isEmpty ? (0..<count).map { min(size, x[along] - $0 * size) } : try given.list("sizes")
    }
    guard sizes.count <= 1 << 12 else { throw Refusal("\(sizes.count) parts") }
    let parts = sizes.indices.map { between(output, "part\($0)") }
    try split(name, axis: along, sizes: sizes, into: parts)
    guard given == nil, (attributes.int("keepdims") ?? 1) == 0 else {
      sequences[output] = parts
      return
    }
    sequences[output] = parts.map { between($0, "squeezed") }
    for part in parts {
      let extents = try shapePair(part).map { try ConstantValue.squeezed($0.extents, axes: [along]) }
      try appendReshape(part, to: extents, output: between(part, "squeezed"))
    }
  }
}

extension AxisRange {
  /// Whether the range covers its whole axis.
  fileprivate func isWhole(of extents: [Int]) -> Bool { start == 0 && step == 1 && count == extents[axis] }
}
