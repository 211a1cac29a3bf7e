import Compute

extension Operator {
  /// Shapes of operators that move, drop or repeat elements.
  func rearrangedShape(_ x: Shape, _ node: String) throws(NeuralNetError) -> Shape {
    switch self {
    case .flatten(let axis):
      guard (0...x.rank).contains(axis) else { throw .shape(node: node, "flatten at axis \(axis) of \(x)") }
      let (front, back) = (x.extents[..<axis], x.extents[axis...])
      return [front.reduce(1, *), back.reduce(1, *)]
    case .reshape(let target): return try reshaped(x, target, node)
    case .transpose(let order):
      guard order.sorted() == Array(0..<x.rank) else {
        throw .shape(node: node, "\(order) does not order the axes of \(x)")
      }
      return Shape(order.map { x[$0] })
    case .slice(let slices): return try sliced(x, slices, node)
    case .pad(let settings): return try padded(x, settings, node)
    case .resize(let settings): return try resized(x, settings, node)
    case .reduce(_, let axes, let keepsAxes):
      for axis in axes { try checkAxis(axis, x, node) }
      guard Set(axes).count == axes.count else { throw .shape(node: node, "an axis of \(axes) is named twice") }
      return Shape(
        x.extents.indices.compactMap { axes.contains($0) ? (keepsAxes ? 1 : nil) : x[$0] })
    default: preconditionFailure("\(name) rearranges nothing")
    }
  }

  private func reshaped(_ x: Shape, _ target: [Int], _ node: String) throws(NeuralNetError) -> Shape {
    var extents: [Int] = []
    for (axis, extent) in target.enumerated() {
      guard extent >= -1, extent != 0 || axis < x.rank else {
        throw .shape(node: node, "cannot reshape \(x) to \(target)")
      }
      extents.append(extent == 0 ? x[axis] : extent)
    }
    let open = extents.indices.filter { extents[$0] == -1 }
    // Each extent is at most the count, so no product overflows.
    var known = 1
    for extent in extents where extent != -1 {
      let (product, overflow) = known.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .shape(node: node, "cannot reshape \(x) to \(target)") }
      known = product
    }
    if open.count == 1, known > 0, x.count % known == 0 { extents[open[0]] = x.count / known }
    guard open.count <= 1, !extents.contains(-1), extents.reduce(1, *) == x.count else {
      throw .shape(node: node, "cannot reshape \(x) to \(target)")
    }
    return Shape(extents)
  }

  private func sliced(_ x: Shape, _ slices: [AxisSlice], _ node: String) throws(NeuralNetError) -> Shape {
    var extents = x.extents
    for slice in slices {
      try checkAxis(slice.axis, x, node)
      let last = slice.start + (slice.count - 1) * slice.step
      guard slice.count > 0, slice.step != 0, (0..<x[slice.axis]).contains(slice.start),
        (0..<x[slice.axis]).contains(last)
      else {
        throw .shape(
          node: node,
          "no \(slice.count) elements from \(slice.start) in steps of \(slice.step) on axis \(slice.axis) of \(x)")
      }
      extents[slice.axis] = slice.count
    }
    return Shape(extents)
  }

  private func padded(_ x: Shape, _ settings: PadSettings, _ node: String) throws(NeuralNetError) -> Shape {
    guard settings.before.count == x.rank, settings.after.count == x.rank,
      (settings.before + settings.after).allSatisfy({ $0 >= 0 })
    else { throw .shape(node: node, "padding \(settings.before), \(settings.after) does not fit \(x)") }
    for axis in x.extents.indices {
      let most = max(settings.before[axis], settings.after[axis])
      let reaches = settings.mode == .reflect ? most < max(x[axis], 1) : settings.mode != .edge || x[axis] > 0
      guard most == 0 || reaches else {
        throw .shape(node: node, "axis \(axis) of \(x) is too short to be padded by \(most)")
      }
    }
    return Shape(x.extents.indices.map { x[$0] + settings.before[$0] + settings.after[$0] })
  }

  private func resized(_ x: Shape, _ settings: ResizeSettings, _ node: String) throws(NeuralNetError) -> Shape {
    guard x.rank == 4 else { throw .shape(node: node, "resize takes [N, C, H, W], its input is \(x)") }
    let size: Pair
    switch settings.target {
    case .size(let given): size = given
    case .scale(let height, let width):
      let rows = Double(x[2]) * Double(height)
      let columns = Double(x[3]) * Double(width)
      guard rows.isFinite, columns.isFinite, rows < 1e6, columns < 1e6 else {
        throw .shape(node: node, "cannot scale \(x) by \(height) and \(width)")
      }
      size = Pair(height: Int(rows), width: Int(columns))
    }
    guard size.height > 0, size.width > 0 else { throw .shape(node: node, "cannot resize \(x) to \(size)") }
    return [x[0], x[1], size.height, size.width]
  }
}

extension Shape {
  /// The broadcast shape of both; nil if they are incompatible.
  static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    let rank = max(a.rank, b.rank)
    var extents: [Int] = []
    for axis in 0..<rank {
      let left = axis < rank - a.rank ? 1 : a[axis - rank + a.rank]
      let right = axis < rank - b.rank ? 1 : b[axis - rank + b.rank]
      guard left == right || left == 1 || right == 1 else { return nil }
      extents.append(left == 1 ? right : left)
    }
    return Shape(extents)
  }
}
