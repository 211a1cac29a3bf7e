import Compute

/// A tensor known at import: an initialiser, or the result of arithmetic on shapes and other constants.
struct ConstantValue: Equatable {
  /// Integers of any width and Booleans (0 and 1) are `ints`, floats of any width are `floats`.
  enum Elements: Equatable {
    case floats([Float])
    case ints([Int])
  }

  var dims: [Int]
  var elements: Elements

  init(dims: [Int], elements: Elements) {
    self.dims = dims
    self.elements = elements
  }

  /// A vector.
  init(_ ints: [Int]) { self.init(dims: [ints.count], elements: .ints(ints)) }

  var count: Int {
    switch elements {
    case .floats(let values): values.count
    case .ints(let values): values.count
    }
  }

  /// The elements, unless they are floats.
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

  /// The only element, if there is exactly one.
  var scalar: Float? { count == 1 ? floats[0] : nil }

  /// Number of elements of a tensor; nil if an extent is negative or the product overflows.
  static func count(of dims: [Int]) -> Int? {
    var count = 1
    for dim in dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: dim)
      guard dim >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }
}

// MARK: - Shapes

extension ConstantValue {
  /// The same elements in another shape of equal size.
  func with(dims: [Int]) -> ConstantValue { ConstantValue(dims: dims, elements: elements) }

  /// Resolves the target of a Reshape: 0 copies an extent unless `allowsZero`, one -1 is inferred.
  ///
  /// - Returns: nil if the target is incompatible.
  static func reshaped(_ dims: [Int], to target: [Int], allowsZero: Bool) -> [Int]? {
    var extents: [Int] = []
    for (axis, extent) in target.enumerated() {
      guard extent != 0 || allowsZero || axis < dims.count else { return nil }
      extents.append(extent == 0 && !allowsZero ? dims[axis] : extent)
    }
    guard let count = count(of: dims), extents.count(where: { $0 == -1 }) <= 1 else { return nil }
    if let open = extents.firstIndex(of: -1) {
      extents[open] = 1
      guard let known = self.count(of: extents), known > 0, count % known == 0 else { return nil }
      extents[open] = count / known
    }
    return self.count(of: extents) == count ? extents : nil
  }

  /// The extents without the given axes, which must have extent 1; without `axes`, without every axis of extent 1.
  static func squeezed(_ dims: [Int], axes: [Int]?) throws -> [Int] {
    let gone = try axes.map { try $0.map { try axis($0, of: dims.count) } } ?? dims.indices.filter { dims[$0] == 1 }
    guard gone.allSatisfy({ dims[$0] == 1 }) else {
      throw Refusal("it removes axes \(gone) of the shape \(dims), which are not all 1")
    }
    return dims.indices.filter { !gone.contains($0) }.map { dims[$0] }
  }

  /// The extents with axes of extent 1 inserted; `axes` are indices in the result.
  static func unsqueezed(_ dims: [Int], axes: [Int]) throws -> [Int] {
    var extents = dims
    for place in try axes.map({ try axis($0, of: dims.count + axes.count) }).sorted() {
      guard place <= extents.count else { throw Refusal("its axes \(axes) do not fit the shape \(dims)") }
      extents.insert(1, at: place)
    }
    return extents
  }

  /// The shape to which both broadcast, by NumPy's rules.
  static func broadcast(_ a: [Int], _ b: [Int]) throws -> [Int] {
    let rank = max(a.count, b.count)
    let (left, right) = (
      Array(repeating: 1, count: rank - a.count) + a, Array(repeating: 1, count: rank - b.count) + b
    )
    return try zip(left, right).map { x, y in
      guard x == y || x == 1 || y == 1 else { throw Refusal("the shapes \(a) and \(b) do not broadcast") }
      return x == 1 ? y : x
    }
  }

  /// A possibly negative axis as a non-negative index.
  static func axis(_ axis: Int, of rank: Int) throws -> Int {
    let counted = axis < 0 ? axis &+ rank : axis
    guard (0..<rank).contains(counted) else { throw Refusal("there is no axis \(axis) among \(rank)") }
    return counted
  }
}
