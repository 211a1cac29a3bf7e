import Foundation

/// Element-wise operators and reductions.
extension ConstantValue {
  /// A function of two broadcast operands, named after its ONNX operator.
  struct Function: Sendable {
    /// For integers and Booleans; nil if the result is undefined or overflows.
    var ints: (@Sendable (Int, Int) -> Int?)?
    /// For floats.
    var floats: (@Sendable (Float, Float) -> Float)?
    /// Comparison of floats, with a Boolean result.
    var compares: (@Sendable (Float, Float) -> Bool)?
  }

  static let functions: [String: Function] = [
    "Add": Function(ints: exact { $0.addingReportingOverflow($1) }, floats: { $0 + $1 }),
    "Sub": Function(ints: exact { $0.subtractingReportingOverflow($1) }, floats: { $0 - $1 }),
    "Mul": Function(ints: exact { $0.multipliedReportingOverflow(by: $1) }, floats: { $0 * $1 }),
    "Div": Function(ints: exact { $0.dividedReportingOverflow(by: $1) }, floats: { $0 / $1 }),
    "Pow": Function(ints: power, floats: { pow($0, $1) }),
    "Min": Function(ints: { min($0, $1) }, floats: { min($0, $1) }),
    "Max": Function(ints: { max($0, $1) }, floats: { max($0, $1) }),
    "And": Function(ints: { $0 != 0 && $1 != 0 ? 1 : 0 }),
    "Or": Function(ints: { $0 != 0 || $1 != 0 ? 1 : 0 }),
    "Xor": Function(ints: { ($0 != 0) != ($1 != 0) ? 1 : 0 }),
    "Equal": Function(ints: { $0 == $1 ? 1 : 0 }, compares: { $0 == $1 }),
    "Less": Function(ints: { $0 < $1 ? 1 : 0 }, compares: { $0 < $1 }),
    "LessOrEqual": Function(ints: { $0 <= $1 ? 1 : 0 }, compares: { $0 <= $1 }),
    "Greater": Function(ints: { $0 > $1 ? 1 : 0 }, compares: { $0 > $1 }),
    "GreaterOrEqual": Function(ints: { $0 >= $1 ? 1 : 0 }, compares: { $0 >= $1 }),
    // The result has the sign of the divisor, as with Python's %.
    "Mod": Function(
      ints: { a, b in b == 0 || b == -1 ? (b == 0 ? nil : 0) : (a % b + b) % b },
      floats: { a, b in a - b * (a / b).rounded(.down) }),
    // The result has the sign of the dividend, as with C's %: Mod with fmod = 1.
    "FMod": Function(
      ints: { a, b in b == 0 || b == -1 ? (b == 0 ? nil : 0) : a % b },
      floats: { $0.truncatingRemainder(dividingBy: $1) }),
  ]

  private static func exact(
    _ operation: @escaping @Sendable (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) -> @Sendable (Int, Int) -> Int? {
    { a, b in
      let (value, overflow) = operation(a, b)
      return overflow ? nil : value
    }
  }

  @Sendable private static func power(_ base: Int, _ exponent: Int) -> Int? {
    let value = pow(Double(base), Double(exponent))
    return abs(value) < 0x1p53 ? Int(value) : nil
  }

  /// Functions of one float.
  static let unaryFloats: [String: @Sendable (Float) -> Float] = [
    "Abs": { abs($0) }, "Neg": { -$0 }, "Sign": { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, "Floor": { $0.rounded(.down) },
    "Ceil": { $0.rounded(.up) }, "Round": { $0.rounded(.toNearestOrEven) }, "Sqrt": { $0.squareRoot() },
    "Reciprocal": { 1 / $0 }, "Exp": { exp($0) }, "Log": { log($0) }, "Sin": { sin($0) }, "Cos": { cos($0) },
    "Tanh": { tanh($0) }, "Erf": { erf($0) }, "Sigmoid": { 1 / (1 + exp(-$0)) }, "Relu": { max($0, 0) },
    "Softplus": { log1p(exp($0)) },
  ]

  /// Functions of one integer or Boolean; nil if the result overflows.
  static let unaryInts: [String: @Sendable (Int) -> Int?] = [
    "Abs": { $0 == .min ? nil : abs($0) }, "Neg": { $0 == .min ? nil : -$0 }, "Sign": { $0.signum() },
    "Not": { $0 == 0 ? 1 : 0 }, "Relu": { max($0, 0) },
  ]

  static func computed(_ name: String, _ a: ConstantValue, _ b: ConstantValue) throws -> ConstantValue {
    guard let function = functions[name] else { throw Refusal("\(name) is not computed at import") }
    let dims = try broadcast(a.dims, b.dims)
    _ = try checkedCount(of: dims, operands: [a.count, b.count])
    let (x, y) = (try a.expanded(to: dims), try b.expanded(to: dims))
    if let p = x.ints, let q = y.ints {
      guard let operation = function.ints else { throw Refusal("\(name) does not take integers") }
      return ConstantValue(
        dims: dims,
        elements: .ints(
          try zip(p, q).map { p, q in
            guard let value = operation(p, q) else { throw Refusal("\(name) of the integers \(p) and \(q) fails") }
            return value
          }))
    }
    let pairs = zip(x.floats, y.floats)
    if let compares = function.compares {
      return ConstantValue(dims: dims, elements: .ints(pairs.map { compares($0, $1) ? 1 : 0 }))
    }
    guard let operation = function.floats else { throw Refusal("\(name) does not take floats") }
    return ConstantValue(dims: dims, elements: .floats(pairs.map { operation($0, $1) }))
  }

  static func computed(_ name: String, _ x: ConstantValue) throws -> ConstantValue {
    if let ints = x.ints, let operation = unaryInts[name] {
      return ConstantValue(
        dims: x.dims,
        elements: .ints(
          try ints.map { value in
            guard let result = operation(value) else { throw Refusal("\(name) of the integer \(value) overflows") }
            return result
          }))
    }
    guard let operation = unaryFloats[name], x.ints == nil else { throw Refusal("\(name) does not take integers") }
    return ConstantValue(dims: x.dims, elements: .floats(x.floats.map(operation)))
  }

  /// Elements of `a` where the condition is true, of `b` elsewhere.
  static func selected(_ condition: ConstantValue, _ a: ConstantValue, _ b: ConstantValue) throws -> ConstantValue {
    let dims = try broadcast(condition.dims, try broadcast(a.dims, b.dims))
    let (x, y) = (try a.expanded(to: dims), try b.expanded(to: dims))
    guard let chosen = try condition.expanded(to: dims).ints else { throw Refusal("its condition must be Boolean") }
    if let p = x.ints, let q = y.ints {
      return ConstantValue(dims: dims, elements: .ints(chosen.indices.map { chosen[$0] != 0 ? p[$0] : q[$0] }))
    }
    let (p, q) = (x.floats, y.floats)
    return ConstantValue(dims: dims, elements: .floats(chosen.indices.map { chosen[$0] != 0 ? p[$0] : q[$0] }))
  }

  /// - Parameter type: an ONNX data type.
  func cast(to type: Int) throws -> ConstantValue {
    switch type {
    case 1, 10, 11, 16: return ConstantValue(dims: dims, elements: .floats(floats))
    case 9:
      let values = ints?.map { $0 != 0 ? 1 : 0 } ?? floats.map { $0 != 0 ? 1 : 0 }
      return ConstantValue(dims: dims, elements: .ints(values))
    case 2, 3, 5, 6, 7, 12, 13:
      let values =
        try ints
        ?? floats.map { value in
          guard abs(value) < 0x1p63 else { throw Refusal("\(value) cannot be cast to an integer") }
          return Int(value)
        }
      return ConstantValue(dims: dims, elements: .ints(values.map { Self.wrapped($0, type) }))
    default: throw Refusal("constants are not cast to the data type \(type)")
    }
  }

  private static func wrapped(_ value: Int, _ type: Int) -> Int {
    switch type {
    case 2: Int(UInt8(truncatingIfNeeded: value))
    case 3: Int(Int8(truncatingIfNeeded: value))
    case 5: Int(Int16(truncatingIfNeeded: value))
    case 6: Int(Int32(truncatingIfNeeded: value))
    case 12: Int(UInt32(truncatingIfNeeded: value))
    default: value
    }
  }

  /// - Parameter name: name of the ONNX operator, such as `ReduceSum`.
  func reduced(_ name: String, axes: [Int], keepsAxes: Bool) throws -> ConstantValue {
    let gone = try axes.map { try Self.axis($0, of: dims.count) }
    let kept = dims.indices.filter { !gone.contains($0) }
    guard Set(gone).count == gone.count else { throw Refusal("an axis of \(axes) is named twice") }
    let size = gone.reduce(1) { $0 * dims[$1] }
    let rows = try transposed(kept + gone)
    let extents = dims.indices.compactMap { gone.contains($0) ? (keepsAxes ? 1 : nil) : dims[$0] }
    let groups = size == 0 ? 0 : count / size
    guard size > 0 else { throw Refusal("it reduces a constant without elements, of the shape \(dims)") }
    if let ints = rows.ints {
      let values = try (0..<groups).map { try Self.reduced(name, ints[$0 * size..<($0 + 1) * size]) }
      return ConstantValue(dims: extents, elements: .ints(values))
    }
    let floats = rows.floats
    let values = try (0..<groups).map { try Self.reduced(name, floats[$0 * size..<($0 + 1) * size]) }
    return ConstantValue(dims: extents, elements: .floats(values))
  }

  private static func reduced(_ name: String, _ values: ArraySlice<Int>) throws -> Int {
    let pairwise = ["ReduceSum": "Add", "ReduceProd": "Mul", "ReduceMin": "Min", "ReduceMax": "Max"]
    guard let operation = pairwise[name].flatMap({ functions[$0]?.ints }), let first = values.first else {
      throw Refusal("\(name) of integers is not computed at import")
    }
    return try values.dropFirst().reduce(first) { sum, value in
      guard let next = operation(sum, value) else { throw Refusal("\(name) of integers overflows") }
      return next
    }
  }

  private static func reduced(_ name: String, _ values: ArraySlice<Float>) throws -> Float {
    switch name {
    case "ReduceSum": values.reduce(0, +)
    case "ReduceProd": values.reduce(1, *)
    case "ReduceMin": values.min() ?? 0
    case "ReduceMax": values.max() ?? 0
    case "ReduceMean": values.reduce(0, +) / Float(values.count)
    case "ReduceL1": values.reduce(0) { $0 + abs($1) }
    case "ReduceL2": values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case "ReduceSumSquare": values.reduce(0) { $0 + $1 * $1 }
    default: throw Refusal("\(name) is not computed at import")
    }
  }
}
