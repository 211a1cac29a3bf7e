import Compute
import NeuralNet

extension GraphImporter {
  /// Operators that move, concatenate or resample elements, and reductions.
  mutating func translateRearranging(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ output: String
  ) throws {
    if node.opType == "Concat" {
      guard let first = node.input.first(where: { shapes[$0] != nil }) else { throw Refusal("it joins constants only") }
      let rank = try shape(first).rank
      try append(.concat(axis: try axis(attributes.int("axis") ?? 0, of: rank)), node.input, output: output)
      return
    }
    let x = try shapePair(node.input[0])
    switch node.opType {
    case "Transpose":
      let order = attributes.ints("perm") ?? Array((0..<x.first.rank).reversed())
      try append(.transpose(order), [node.input[0]], output: output)
    case "Pad": try pad(node, attributes, x, output)
    case "Resize": try resize(node, attributes, x, output)
    default: try reduce(node, attributes, x.first, output)
    }
  }

  private mutating func pad(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ x: PerBatch<Shape>, _ output: String
  ) throws {
    guard let pads = try ints(node, 1, "widths") else { throw Refusal("its widths are missing") }
    let rank = x.first.rank
    let axes = try ints(node, 3, "axes")?.map { try axis($0, of: rank) } ?? Array(0..<rank)
    guard pads.count == 2 * axes.count, pads.allSatisfy({ abs(Double($0)) <= 0x1p16 }) else {
      throw Refusal("widths of \(pads) do not fit \(x.first)")
    }
    var before = [Int](repeating: 0, count: rank)
    var after = before
    for (index, along) in axes.enumerated() {
      before[along] = pads[index]
      after[along] = pads[index + axes.count]
    }
    let isPadded = pads.contains { $0 > 0 }
    var name = node.input[0]
    if pads.contains(where: { $0 < 0 }) {
      let cropped = isPadded ? between(output, "cropped") : output
      try crop(name, x.first, before, after, output: cropped)
      name = cropped
    }
    guard isPadded else {
      if name != output { try append(.identity, [name], output: output) }
      return
    }
    (before, after) = (before.map { max($0, 0) }, after.map { max($0, 0) })
    let mode: PadSettings.Mode
    switch attributes.text("mode") ?? "constant" {
    case "constant": mode = .constant(try constant(node, 2, "value")?.scalar ?? 0)
    case "reflect": mode = .reflect
    case "edge": mode = .edge
    default: throw Refusal("the mode '\(attributes.text("mode") ?? "")' is not supported")
    }
    try append(.pad(PadSettings(before: before, after: after, mode: mode)), [name], output: output)
  }

  /// Negative padding crops elements.
  private mutating func crop(
    _ name: String, _ x: Shape, _ before: [Int], _ after: [Int], output: String
  ) throws {
    let slices = x.extents.indices.compactMap { axis in
      let (start, end) = (max(-before[axis], 0), x[axis] - max(-after[axis], 0))
      return start == 0 && end == x[axis] ? nil : AxisSlice(axis: axis, start: start, count: end - start)
    }
    guard slices.allSatisfy({ $0.count > 0 }) else { throw Refusal("it takes everything of \(x) away") }
    try append(.slice(slices), [name], output: output)
  }

  private mutating func resize(
    _ node: Onnx_NodeProto, _ attributes: NodeAttributes, _ x: PerBatch<Shape>, _ output: String
  ) throws {
    guard x.first.rank == 4 else { throw Refusal("only pictures are resized here") }
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
    else { throw Refusal("resizing by '\(names.0)', '\(names.1)', '\(names.2)' is not supported") }
    let axes = try attributes.ints("axes")?.map { try axis($0, of: 4) } ?? Array(0..<4)
    let target: ResizeSettings.Target
    if let sizes = try intsPair(node, 3, "sizes"), !sizes.first.isEmpty {
      let whole = try spread(sizes.first, over: axes, of: x.first.extents)
      let other = try spread(sizes.second, over: axes, of: x.second.extents)
      guard whole[0] == x.first[0], whole[1] == x.first[1], whole[2...] == other[2...] else {
        throw Refusal("only rows and columns change here, by the same for every batch")
      }
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

  /// The values for the given axes, and the defaults in `others` for the rest.
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
    guard let reduction = reductions[node.opType] else { throw Refusal("this operator is not supported") }
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
