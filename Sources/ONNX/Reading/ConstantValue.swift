import Compute

/// A value that is known before anything is computed: an initialiser, or what follows from shapes.
struct ConstantValue {
  enum Elements {
    case floats([Float])
    case ints([Int])
  }

  var dims: [Int]
  var elements: Elements

  var count: Int {
    switch elements {
    case .floats(let values): values.count
    case .ints(let values): values.count
    }
  }

  /// Whole numbers; nil for floats.
  var ints: [Int]? {
    if case .ints(let values) = elements { return values }
    return nil
  }

  var floats: [Float] {
    switch elements {
    case .floats(let values): values
    case .ints(let values): values.map(Float.init)
    }
  }

  var tensor: Tensor { Tensor(Shape(dims), floats) }

  /// The one number of a scalar.
  var scalar: Float? { count == 1 ? floats[0] : nil }
}

// MARK: - Folding

extension ConstantValue {
  /// Elements of a one-dimensional value at `indices`; a scalar index takes the axis away.
  func gathered(_ indices: ConstantValue) -> ConstantValue? {
    guard dims.count == 1, let wanted = indices.ints else { return nil }
    let places = wanted.map { $0 < 0 ? $0 + count : $0 }
    guard places.allSatisfy({ (0..<count).contains($0) }) else { return nil }
    return ConstantValue(dims: indices.dims, elements: picking(places))
  }

  func picking(_ places: [Int]) -> Elements {
    switch elements {
    case .floats(let values): .floats(places.map { values[$0] })
    case .ints(let values): .ints(places.map { values[$0] })
    }
  }

  /// Axis i of the result is axis `order[i]`; nil when that is no order of the axes.
  func transposed(_ order: [Int]) -> ConstantValue? {
    guard order.sorted() == Array(dims.indices) else { return nil }
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * dims[axis + 1] }
    let extents = order.map { dims[$0] }
    let places = (0..<count).map { position in
      var (rest, place) = (position, 0)
      for axis in extents.indices.reversed() {
        place += rest % extents[axis] * strides[order[axis]]
        rest /= extents[axis]
      }
      return place
    }
    return ConstantValue(dims: extents, elements: picking(places))
  }

  /// One-dimensional values (scalars count as such) behind each other.
  static func joined(_ parts: [ConstantValue]) -> ConstantValue? {
    guard parts.allSatisfy({ $0.dims.count <= 1 }) else { return nil }
    let ints = parts.compactMap(\.ints)
    let count = parts.reduce(0) { $0 + $1.count }
    if ints.count == parts.count { return ConstantValue(dims: [count], elements: .ints(ints.flatMap { $0 })) }
    return ConstantValue(dims: [count], elements: .floats(parts.flatMap(\.floats)))
  }

  /// Arithmetic on values of one shape, or of one element beside any; nil for others, or when a whole number overflows.
  static func computed(_ operation: String, _ a: ConstantValue, _ b: ConstantValue) -> ConstantValue? {
    guard a.dims == b.dims || a.count == 1 || b.count == 1 else { return nil }
    let dims = a.count >= b.count && a.dims.count >= b.dims.count ? a.dims : b.dims
    let count = max(a.count, b.count)
    if let x = a.ints, let y = b.ints {
      var results: [Int] = []
      for i in 0..<count {
        guard let value = whole(operation, x[x.count == 1 ? 0 : i], y[y.count == 1 ? 0 : i]) else { return nil }
        results.append(value)
      }
      return ConstantValue(dims: dims, elements: .ints(results))
    }
    let (x, y) = (a.floats, b.floats)
    return ConstantValue(
      dims: dims,
      elements: .floats(
        (0..<count).map { i in
          let (p, q) = (x[x.count == 1 ? 0 : i], y[y.count == 1 ? 0 : i])
          return switch operation {
          case "Add": p + q
          case "Sub": p - q
          case "Mul": p * q
          default: p / q
          }
        }))
  }

  private static func whole(_ operation: String, _ a: Int, _ b: Int) -> Int? {
    let (value, overflow) =
      switch operation {
      case "Add": a.addingReportingOverflow(b)
      case "Sub": a.subtractingReportingOverflow(b)
      case "Mul": a.multipliedReportingOverflow(by: b)
      default: a.dividedReportingOverflow(by: b)
      }
    return overflow ? nil : value
  }
}
