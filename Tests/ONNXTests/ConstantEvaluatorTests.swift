import SwiftProtobuf
import Testing

@testable import ONNX

@Suite("Constants computed at import")
struct ConstantEvaluatorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var operation: String
    var inputs: [ConstantValue]
    var attributes: [String: [Int]] = [:]
    var dims: [Int]
    var ints: [Int]

    var testDescription: String { "\(operation) \(inputs.map(\.dims)) \(attributes)" }
  }

  static func ints(_ values: [Int], _ dims: [Int]? = nil) -> ConstantValue {
    ConstantValue(dims: dims ?? [values.count], elements: .ints(values))
  }

  static let grid = ints([0, 1, 2, 3, 4, 5], [2, 3])

  /// Results by NumPy's rules; Div truncates as ONNX Runtime's does.
  static let cases: [Case] = [
    Case(operation: "Add", inputs: [grid, ints([10, 20, 30])], dims: [2, 3], ints: [10, 21, 32, 13, 24, 35]),
    Case(operation: "Mul", inputs: [ints([1, 2], [2, 1]), ints([3, 4])], dims: [2, 2], ints: [3, 4, 6, 8]),
    Case(operation: "Div", inputs: [ints([-7, 7]), ints([2])], dims: [2], ints: [-3, 3]),
    Case(operation: "Mod", inputs: [ints([-7, 7]), ints([3, -3])], dims: [2], ints: [2, -2]),
    Case(
      operation: "Mod", inputs: [ints([-7, 7]), ints([3, -3])], attributes: ["fmod": [1]], dims: [2], ints: [-1, 1]),
    Case(operation: "Equal", inputs: [ints([2, -1, 3]), ints([-1])], dims: [3], ints: [0, 1, 0]),
    Case(
      operation: "Where", inputs: [ints([0, 1, 0]), ints([1]), ints([7, 8, 9])], dims: [3], ints: [7, 1, 9]),
    Case(operation: "Max", inputs: [ints([1, 5]), ints([3]), ints([2, 9])], dims: [2], ints: [3, 9]),
    Case(
      operation: "Gather", inputs: [grid, ints([-1, 0])], attributes: ["axis": [1]], dims: [2, 2], ints: [2, 0, 5, 3]),
    Case(operation: "Gather", inputs: [grid, ints([1], [])], dims: [3], ints: [3, 4, 5]),
    Case(operation: "GatherND", inputs: [grid, ints([1, 0], [2, 1])], dims: [2, 3], ints: [3, 4, 5, 0, 1, 2]),
    Case(
      operation: "Slice", inputs: [grid, ints([-1]), ints([.min]), ints([1]), ints([-2])], dims: [2, 2],
      ints: [2, 0, 5, 3]),
    Case(operation: "Slice", inputs: [grid, ints([1]), ints([.max]), ints([0])], dims: [1, 3], ints: [3, 4, 5]),
    Case(operation: "Slice", inputs: [ints([1, 2]), ints([2]), ints([2])], dims: [0], ints: []),
    Case(operation: "Transpose", inputs: [grid], dims: [3, 2], ints: [0, 3, 1, 4, 2, 5]),
    Case(
      operation: "Concat", inputs: [grid, grid], attributes: ["axis": [1]], dims: [2, 6],
      ints: [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]),
    Case(operation: "Reshape", inputs: [grid, ints([-1, 2])], dims: [3, 2], ints: [0, 1, 2, 3, 4, 5]),
    Case(operation: "Reshape", inputs: [grid, ints([0, 1, -1])], dims: [2, 1, 3], ints: [0, 1, 2, 3, 4, 5]),
    Case(operation: "Squeeze", inputs: [ints([4], [1, 1]), ints([0])], dims: [1], ints: [4]),
    Case(operation: "Unsqueeze", inputs: [ints([4, 5]), ints([0, -1])], dims: [1, 2, 1], ints: [4, 5]),
    Case(operation: "Expand", inputs: [ints([1, 2], [2, 1]), ints([1, 2])], dims: [2, 2], ints: [1, 1, 2, 2]),
    Case(operation: "Tile", inputs: [ints([1, 2]), ints([3])], dims: [6], ints: [1, 2, 1, 2, 1, 2]),
    Case(operation: "ConstantOfShape", inputs: [ints([2, 1])], dims: [2, 1], ints: [0, 0]),
    Case(operation: "Range", inputs: [ints([5], []), ints([0], []), ints([-2], [])], dims: [3], ints: [5, 3, 1]),
    Case(operation: "ReduceProd", inputs: [ints([2, 3, 4])], attributes: ["keepdims": [0]], dims: [], ints: [24]),
    Case(operation: "ReduceMax", inputs: [grid, ints([0])], dims: [1, 3], ints: [3, 4, 5]),
    Case(operation: "NonZero", inputs: [grid], dims: [2, 5], ints: [0, 0, 1, 1, 1, 1, 2, 0, 1, 2]),
    Case(operation: "Cast", inputs: [ints([300, -1])], attributes: ["to": [2]], dims: [2], ints: [44, 255]),
    Case(operation: "Not", inputs: [ints([0, 1])], dims: [2], ints: [1, 0]),
  ]

  private func outputs(
    _ operation: String, _ inputs: [ConstantValue?], _ attributes: [String: [Int]] = [:], count: Int = 1
  ) throws -> [ConstantValue] {
    var node = Onnx_NodeProto()
    node.opType = operation
    node.output = (0..<count).map { "y\($0)" }
    for (name, values) in attributes {
      let isList = name == "split" || name == "axes"
      node.attribute.append(isList ? .ints(name, values) : .int(name, values[0]))
    }
    var evaluator = ConstantEvaluator(tensors: TensorReader(folder: nil), storedElements: 0)
    return try evaluator.outputs(node, inputs)
  }

  @Test("operators on integers", arguments: cases)
  func integers(_ c: Case) throws {
    #expect(ConstantEvaluator.computes(c.operation))
    let y = try outputs(c.operation, c.inputs, c.attributes)[0]
    #expect(y.dims == c.dims)
    let values = y.ints ?? y.floats.map { Int($0) }
    #expect(values == c.ints)
  }

  @Test("floats: extents from factors")
  func floats() throws {
    let extents = ConstantValue(dims: [2], elements: .ints([11, 14]))
    let factors = ConstantValue(dims: [2], elements: .floats([1.5, 0.5]))
    let product = try outputs("Mul", [try outputs("Cast", [extents], ["to": [1]])[0], factors])[0]
    #expect(try outputs("Cast", [try outputs("Floor", [product])[0]], ["to": [7]])[0].ints == [16, 7])
  }

  @Test("a split has several outputs")
  func split() throws {
    let parts = try outputs("Split", [Self.ints([1, 2, 3, 4, 5])], ["split": [2, 3]], count: 2)
    #expect(parts.map(\.ints) == [[1, 2], [3, 4, 5]])
  }

  @Test(
    "impossible and unreasonable results are refused",
    arguments: [
      ("Add", [ints([.max]), ints([1])]), ("Div", [ints([1]), ints([0])]), ("Mod", [ints([1]), ints([0])]),
      ("Add", [ints([1, 2]), ints([1, 2, 3])]), ("Gather", [ints([1]), ints([1])]),
      ("Expand", [ints([1]), ints([1 << 40, 1 << 40])]), ("ConstantOfShape", [ints([1 << 30])]),
      ("Range", [ints([0]), ints([.max]), ints([1])]), ("Reshape", [ints([1, 2]), ints([3])]),
      ("Neg", [ints([.min])]), ("Slice", [ints([1]), ints([0]), ints([1]), ints([0]), ints([0])]),
    ] as [(String, [ConstantValue])])
  func refused(operation: String, inputs: [ConstantValue]) {
    #expect(throws: Refusal.self) { try outputs(operation, inputs) }
  }
}
