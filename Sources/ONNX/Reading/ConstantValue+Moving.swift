/// Operators that select, repeat or concatenate elements.
extension ConstantValue {
  /// Maximum number of elements of a computed constant, unless an operand is larger: shape arithmetic is small.
  private static let mostElements = 1 << 24

  /// - Throws: `Refusal` if a constant of these extents would be unreasonably large.
  static func checkedCount(of dims: [Int], operands: [Int]) throws -> Int {
    guard let count = count(of: dims), count <= max(mostElements, operands.max() ?? 0) else {
      throw Refusal("it makes a constant of the shape \(dims), which is too large to be computed at import")
    }
    return count
  }

  private var strides: [Int] {
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * dims[axis + 1] }
    return strides
  }

  /// The elements at the given positions.
  private func picking(_ positions: [Int]) -> Elements {
    switch elements {
    case .floats(let values): .floats(positions.map { values[$0] })
    case .ints(let values): .ints(positions.map { values[$0] })
    }
  }

  /// A copy of a strided view; stride 0 repeats.
  private func strided(_ extents: [Int], _ strides: [Int], offset: Int = 0) throws -> ConstantValue {
    let total = try Self.checkedCount(of: extents, operands: [count])
    let copied: Elements =
      switch elements {
      case .floats(let values): .floats(Self.view(values, total, extents, strides, offset))
      case .ints(let values): .ints(Self.view(values, total, extents, strides, offset))
      }
    return ConstantValue(dims: extents, elements: copied)
  }

  private static func view<Value>(
    _ values: [Value], _ total: Int, _ extents: [Int], _ strides: [Int], _ offset: Int
  ) -> [Value] {
    var index = [Int](repeating: 0, count: extents.count)
    var position = offset
    var copy: [Value] = []
    copy.reserveCapacity(total)
    for _ in 0..<total {
      copy.append(values[position])
      for axis in extents.indices.reversed() {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < extents[axis] { break }
        position -= index[axis] * strides[axis]
        index[axis] = 0
      }
    }
    return copy
  }

  /// Axis i of the result is axis `order[i]`.
  func transposed(_ order: [Int]) throws -> ConstantValue {
    guard order.sorted() == Array(dims.indices) else { throw Refusal("\(order) does not order the axes of \(dims)") }
    let strides = strides
    return try strided(order.map { dims[$0] }, order.map { strides[$0] })
  }

  func expanded(to target: [Int]) throws -> ConstantValue {
    guard target != dims else { return self }
    let added = target.count - dims.count
    guard added >= 0, try Self.broadcast(dims, target) == target else {
      throw Refusal("the shape \(dims) does not broadcast to \(target)")
    }
    let steps = zip(dims, strides).map { $0 == 1 ? 0 : $1 }
    return try strided(target, Array(repeating: 0, count: added) + steps)
  }

  func tiled(_ repeats: [Int]) throws -> ConstantValue {
    guard repeats.count == dims.count, repeats.allSatisfy({ $0 >= 0 }) else {
      throw Refusal("\(repeats) repetitions do not fit the shape \(dims)")
    }
    let strides = strides
    let extents = dims.indices.flatMap { [repeats[$0], dims[$0]] }
    let steps = dims.indices.flatMap { [0, strides[$0]] }
    let tiled = try strided(extents, steps)
    return tiled.with(dims: dims.indices.map { repeats[$0] * dims[$0] })
  }

  func sliced(_ ranges: [AxisRange]) throws -> ConstantValue {
    var (extents, steps, offset) = (dims, strides, 0)
    for range in ranges {
      offset += range.start * steps[range.axis]
      extents[range.axis] = range.count
      steps[range.axis] *= range.step
    }
    return try strided(extents, steps, offset: offset)
  }

  /// Slices along `axis` at `indices`, whose axes replace `axis`.
  func gathered(_ indices: ConstantValue, axis: Int) throws -> ConstantValue {
    let along = try Self.axis(axis, of: dims.count)
    let places = try indices.places(within: dims[along])
    let rows = ConstantValue(
      dims: [dims[..<along].reduce(1, *), dims[along], dims[(along + 1)...].reduce(1, *)], elements: elements)
    let extents = Array(dims[..<along]) + indices.dims + Array(dims[(along + 1)...])
    _ = try Self.checkedCount(of: extents, operands: [count])
    var positions: [Int] = []
    for outer in 0..<rows.dims[0] {
      for place in places {
        let start = (outer * rows.dims[1] + place) * rows.dims[2]
        positions.append(contentsOf: start..<start + rows.dims[2])
      }
    }
    return ConstantValue(dims: extents, elements: picking(positions))
  }

  /// These elements as indices into an axis; negative ones count from its end.
  func places(within extent: Int) throws -> [Int] {
    guard let ints else { throw Refusal("its indices must be integers") }
    return try ints.map { index in
      let place = index < 0 ? index &+ extent : index
      guard (0..<extent).contains(place) else { throw Refusal("index \(index) is outside an axis of \(extent)") }
      return place
    }
  }

  /// Concatenates the parts along `axis`.
  static func joined(_ parts: [ConstantValue], axis: Int) throws -> ConstantValue {
    guard let first = parts.first else { throw Refusal("it has no input") }
    let along = try self.axis(axis, of: first.dims.count)
    var dims = first.dims
    for part in parts.dropFirst() {
      var rest = part.dims
      guard rest.count == dims.count else { throw Refusal("it joins \(dims) and \(rest)") }
      let (sum, overflow) = dims[along].addingReportingOverflow(rest[along])
      rest[along] = dims[along]
      guard rest == dims, !overflow else { throw Refusal("it joins \(dims) and \(part.dims) along axis \(along)") }
      dims[along] = sum
    }
    _ = try checkedCount(of: dims, operands: [])
    let outer = dims[..<along].reduce(1, *)
    func merge<Value>(_ values: [[Value]]) -> [Value] {
      (0..<outer).flatMap { row in
        values.flatMap { values in
          let size = values.count / outer
          return values[row * size..<(row + 1) * size]
        }
      }
    }
    let ints = parts.compactMap(\.ints)
    return ConstantValue(
      dims: dims, elements: ints.count == parts.count ? .ints(merge(ints)) : .floats(merge(parts.map(\.floats))))
  }
}

/// The range of one axis that a Slice selects; possibly empty.
struct AxisRange: Equatable {
  var axis: Int
  var start: Int
  var count: Int
  var step: Int

  /// The ranges that starts, ends, axes and steps of a Slice select; out-of-range ends are clamped.
  static func ranges(
    of dims: [Int], starts: [Int], ends: [Int], axes: [Int]?, steps: [Int]?
  ) throws -> [AxisRange] {
    let axes = axes ?? Array(starts.indices)
    let steps = steps ?? Array(repeating: 1, count: starts.count)
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
      throw Refusal("it has \(starts.count) starts, \(ends.count) ends, \(axes.count) axes and \(steps.count) steps")
    }
    let ranges = try starts.indices.map { index in
      let along = try ConstantValue.axis(axes[index], of: dims.count)
      let (extent, step) = (dims[along], steps[index])
      guard step != 0, abs(step.clamped(to: -Int.max...Int.max)) < 1 << 30 else { throw Refusal("steps of \(step)") }
      func clamped(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        (value < 0 ? value + extent : value).clamped(to: range)
      }
      guard extent > 0 else { return AxisRange(axis: along, start: 0, count: 0, step: 1) }
      let start = clamped(starts[index], step > 0 ? 0...extent : 0...(extent - 1))
      // With a negative step, an end before the first element includes the first element.
      let end = ends[index] < -extent ? -1 : clamped(ends[index], step > 0 ? 0...extent : -1...(extent - 1))
      let count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step
      return AxisRange(axis: along, start: start, count: max(count, 0), step: step)
    }
    guard Set(ranges.map(\.axis)).count == ranges.count else { throw Refusal("it names an axis twice: \(axes)") }
    return ranges
  }

  /// Consecutive ranges of one axis.
  ///
  /// - Parameter sizes: extents of the ranges; nil: `count` equal ranges, of which the last may be smaller.
  static func parts(of dims: [Int], axis: Int, sizes: [Int]?, count: Int) throws -> [AxisRange] {
    let extent = dims[axis]
    var sizes = sizes ?? []
    if sizes.isEmpty, count > 0 {
      let size = (extent + count - 1) / count
      sizes = (0..<count).map { min(size, extent - $0 * size) }
    }
    let sum = sizes.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    guard sizes.count == count, sizes.allSatisfy({ (0...extent).contains($0) }), sum == extent else {
      throw Refusal("\(count) parts of \(sizes) do not make up axis \(axis) of \(dims)")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return AxisRange(axis: axis, start: start, count: size, step: 1)
    }
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
