import Compute
import NeuralNet

extension GraphImporter {
  /// Operators that move, drop or join elements, and reductions.
  mutating func translateRearranging(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    if node.opType == "Concat" {
      guard let first = node.input.first(where: { shapes[$0] != nil }) else { throw Refusal("it joins constants only") }
      let rank = try shape(first).rank
      try append(.concat(axis: try axis(attributes.int("axis") ?? 0, of: rank)), node.input, output: output)
      return
    }
    guard let name = node.input.first else { throw Refusal("it has no input") }
    let x = try shape(name)
    switch node.opType {
    case "Reshape":
      guard let target = try ints(node, 1, "target shape") else { throw Refusal("its target shape is missing") }
      guard (attributes.int("allowzero") ?? 0) == 0 || !target.contains(0) else { throw Refusal("empty values") }
      try append(.reshape(openBatch(target, x)), [name], output: output)
    case "Flatten":
      let at = attributes.int("axis") ?? 1
      try append(.flatten(axis: at < 0 ? at + x.rank : at), [name], output: output)
    case "Squeeze", "Unsqueeze":
      let axes = try ints(node, 1, "axes") ?? attributes.ints("axes")
      try append(.reshape(try squeezed(x, axes, squeezes: node.opType == "Squeeze")), [name], output: output)
    case "Transpose":
      let order = attributes.ints("perm") ?? Array((0..<x.rank).reversed())
      try append(.transpose(order), [name], output: output)
    case "Slice": try append(.slice(try slices(node, x)), [name], output: output)
    case "Split": try split(node, attributes, x)
    case "Pad": try pad(node, attributes, x, output)
    case "Resize": try resize(node, attributes, x, output)
    default: try reduce(node, attributes, x, output)
    }
  }

  /// A target that names the batch of one leaves it open instead.
  private func openBatch(_ target: [Int], _ x: Shape) -> [Int] {
    guard target.first == 1, x.extents.first == 1, target.count > 1 else { return target }
    return [0] + target.dropFirst()
  }

  private func squeezed(_ x: Shape, _ axes: [Int]?, squeezes: Bool) throws -> [Int] {
    var extents = keepingFirst(x.extents)
    if squeezes {
      let gone = try axes.map { try $0.map { try axis($0, of: x.rank) } } ?? x.extents.indices.filter { x[$0] == 1 }
      guard gone.allSatisfy({ x[$0] == 1 }) else { throw Refusal("it takes away axes of \(x) that are not 1") }
      guard !gone.contains(0) else { throw Refusal("it takes away the batch") }
      extents = extents.indices.filter { !gone.contains($0) }.map { extents[$0] }
    } else {
      guard let axes else { throw Refusal("its axes are missing") }
      let rank = x.rank + axes.count
      for place in try axes.map({ try axis($0, of: rank) }).sorted() {
        extents.insert(1, at: min(place, extents.count))
      }
    }
    // A 0 stands for the axis at its own place; only the first one can be meant.
    return extents.indices.map { $0 > 0 && extents[$0] == 0 ? 1 : extents[$0] }
  }

  private func slices(_ node: Onnx_NodeProto, _ x: Shape) throws -> [AxisSlice] {
    guard let starts = try ints(node, 1, "starts"), let ends = try ints(node, 2, "ends"), starts.count == ends.count
    else { throw Refusal("its starts and ends are missing") }
    let axes = try ints(node, 3, "axes") ?? Array(starts.indices)
    let steps = try ints(node, 4, "steps") ?? Array(repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count else { throw Refusal("its numbers do not fit") }
    return try starts.indices.map { index in
      let along = try axis(axes[index], of: x.rank)
      let (extent, step) = (x[along], steps[index])
      guard step != 0, abs(step) < 1 << 30 else { throw Refusal("steps of \(step)") }
      func clamped(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        min(max(value < 0 ? value + extent : value, range.lowerBound), range.upperBound)
      }
      let start = clamped(starts[index], step > 0 ? 0...extent : 0...(extent - 1))
      // Going down, an end below 0 means "to the very first".
      let end = ends[index] < -extent ? -1 : clamped(ends[index], step > 0 ? 0...extent : -1...(extent - 1))
      let count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step
      guard count > 0 else { throw Refusal("nothing is left on axis \(along) of \(x)") }
      return AxisSlice(axis: along, start: start, count: count, step: step)
    }
  }

  private mutating func split(_ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ x: Shape) throws {
    let along = try axis(attributes.int("axis") ?? 0, of: x.rank)
    let parts = node.output.count
    var sizes = try ints(node, 1, "sizes") ?? attributes.ints("split") ?? []
    if sizes.isEmpty {
      let size = (x[along] + parts - 1) / parts
      sizes = (0..<parts).map { min(size, x[along] - $0 * size) }
    }
    guard sizes.count == parts, sizes.allSatisfy({ $0 > 0 }), sizes.reduce(0, +) == x[along] else {
      throw Refusal("parts of \(sizes) do not make up axis \(along) of \(x)")
    }
    var start = 0
    for (output, size) in zip(node.output, sizes) {
      if !output.isEmpty {
        try append(.slice([AxisSlice(axis: along, start: start, count: size)]), [node.input[0]], output: output)
      }
      start += size
    }
  }

  private mutating func pad(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ x: Shape, _ output: String
  ) throws {
    guard let pads = try ints(node, 1, "widths") else { throw Refusal("its widths are missing") }
    let axes = try ints(node, 3, "axes")?.map { try axis($0, of: x.rank) } ?? Array(0..<x.rank)
    guard pads.count == 2 * axes.count, pads.allSatisfy({ (0...1 << 16).contains($0) }) else {
      throw Refusal("widths of \(pads) do not fit \(x)")
    }
    var before = [Int](repeating: 0, count: x.rank)
    var after = before
    for (index, along) in axes.enumerated() {
      before[along] = pads[index]
      after[along] = pads[index + axes.count]
    }
    let mode: PadSettings.Mode
    switch attributes.text("mode") ?? "constant" {
    case "constant": mode = .constant(try constant(node, 2, "value")?.scalar ?? 0)
    case "reflect": mode = .reflect
    case "edge": mode = .edge
    default: throw Refusal("the mode '\(attributes.text("mode") ?? "")' is not known here")
    }
    try append(.pad(PadSettings(before: before, after: after, mode: mode)), [node.input[0]], output: output)
  }

  private mutating func resize(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ x: Shape, _ output: String
  ) throws {
    guard x.rank == 4 else { throw Refusal("only pictures are resized here") }
    let methods: [String: ResizeSettings.Method] = ["nearest": .nearest, "linear": .bilinear]
    let places: [String: ResizeSettings.Coordinates] = [
      "half_pixel": .halfPixel, "pytorch_half_pixel": .pytorchHalfPixel, "align_corners": .alignCorners,
      "asymmetric": .asymmetric,
    ]
    let roundings: [String: ResizeSettings.Rounding] = [
      "round_prefer_floor": .roundPreferFloor, "round_prefer_ceil": .roundPreferCeil, "floor": .floor, "ceil": .ceil,
    ]
    let names = (
      attributes.text("mode") ?? "nearest", attributes.text("coordinate_transformation_mode") ?? "half_pixel",
      attributes.text("nearest_mode") ?? "round_prefer_floor"
    )
    guard let method = methods[names.0], let coordinates = places[names.1], let rounding = roundings[names.2],
      (attributes.int("antialias") ?? 0) == 0,
      ["stretch", nil].contains(attributes.text("keep_aspect_ratio_policy"))
    else { throw Refusal("resizing by '\(names.0)', '\(names.1)', '\(names.2)' is not known here") }
    let axes = try attributes.ints("axes")?.map { try axis($0, of: x.rank) } ?? Array(0..<x.rank)
    let target: ResizeSettings.Target
    if let sizes = try ints(node, 3, "sizes"), !sizes.isEmpty {
      let whole = try spread(sizes, over: axes, of: x.extents)
      guard whole[0] == x[0], whole[1] == x[1] else { throw Refusal("only rows and columns change here") }
      target = .size(Pair(height: whole[2], width: whole[3]))
    } else {
      let scales = try spread(try constant(node, 2, "scales")?.floats ?? [], over: axes, of: [1, 1, 1, 1])
      guard scales[0] == 1, scales[1] == 1, scales.allSatisfy({ $0 > 0 }) else {
        throw Refusal("only rows and columns change here")
      }
      target = .scale(height: scales[2], width: scales[3])
    }
    let settings = ResizeSettings(target, method: method, coordinates: coordinates, rounding: rounding)
    try append(.resize(settings), [node.input[0]], output: output)
  }

  /// The values of the named axes, and what the others have anyway.
  private func spread<Value>(_ values: [Value], over axes: [Int], of others: [Value]) throws -> [Value] {
    guard values.count == axes.count, Set(axes).count == axes.count else {
      throw Refusal("\(values.count) values for \(axes.count) axes")
    }
    var all = others
    for (along, value) in zip(axes, values) { all[along] = value }
    return all
  }

  private mutating func reduce(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ x: Shape, _ output: String
  ) throws {
    let reductions: [String: Reduction] = ["ReduceMean": .mean, "ReduceSum": .sum, "ReduceMax": .maximum]
    guard let reduction = reductions[node.opType] else { throw Refusal("this operator is not known here") }
    let given = try ints(node, 1, "axes") ?? attributes.ints("axes") ?? []
    if given.isEmpty, (attributes.int("noop_with_empty_axes") ?? 0) != 0 {
      return try append(.identity, [node.input[0]], output: output)
    }
    let axes = given.isEmpty ? Array(0..<x.rank) : try given.map { try axis($0, of: x.rank) }
    try append(
      .reduce(reduction, axes: axes.sorted(), keepsAxes: (attributes.int("keepdims") ?? 1) != 0), [node.input[0]],
      output: output)
  }
}
