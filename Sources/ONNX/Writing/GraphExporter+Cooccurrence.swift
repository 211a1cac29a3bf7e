import Compute
import NeuralNet

extension GraphExporter {
  /// Writes co-occurrence as ONNX operators: the membership of each value in each bin, then products of shifted maps.
  mutating func writeCooccurrence(_ settings: CooccurrenceSettings, _ node: Node) {
    let x = shape(node.inputs[0])
    let (channels, height, width) = (x[1], x[2], x[3])
    let bins = settings.centres.count
    let memberships = writeMemberships(settings, node)
    let half = settings.length / 2
    var tables: [String] = []
    for (index, offset) in settings.offsets.enumerated() {
      let name = "\(node.output)/runs\(index)"
      let steps = settings.length - 1
      let (rows, columns) = (height - offset.height * steps, width - abs(offset.width) * steps)
      /// `[N, C, bins, positions]` for the element `element` of all runs.
      func part(_ element: Int) -> String {
        let part = "\(name).element\(element)"
        let row = offset.height * element
        let column = max(0, -offset.width * steps) + offset.width * element
        let inputs = [
          ints([row, column], name: "\(part).starts"), ints([row + rows, column + columns], name: "\(part).ends"),
          ints([3, 4], name: "\(part).axes"),
        ]
        add("Slice", [memberships] + inputs, [part], name: part)
        let flat = "\(part).flat"
        add("Reshape", [part, ints([0, channels, bins, -1], name: "\(flat).shape")], [flat], name: flat)
        return flat
      }
      let first = writeProducts((0..<half).map(part), bins: bins, channels: channels, name: "\(name).first")
      let last = writeProducts(
        (half..<settings.length).map(part), bins: bins, channels: channels, name: "\(name).last")
      let turned = "\(name).turned"
      add("Transpose", [last], [turned], name: turned, [.ints("perm", [0, 1, 3, 2])])
      add("MatMul", [first, turned], ["\(name).table"], name: "\(name).table")
      let row = "\(name).row"
      let target = ints([0, channels, 1, settings.placeCount], name: "\(row).shape")
      add("Reshape", ["\(name).table", target], [row], name: row)
      // Sum into the shared cells, and normalise counts to fractions.
      let cells = settings.cellCount
      var folding = [Float](repeating: 0, count: settings.placeCount * cells)
      for (place, cell) in settings.cells.enumerated() { folding[place * cells + cell] = 1 / Float(rows * columns) }
      let matrix = floats(folding, shape: [settings.placeCount, cells], name: "\(name).cells")
      add("MatMul", [row, matrix], ["\(name).shares"], name: "\(name).shares")
      tables.append("\(name).shares")
    }
    let joined = "\(node.output)/joined"
    add("Concat", tables, [joined], name: joined, [.int("axis", 2)])
    add(
      "Reshape", [joined, ints([0, shape(node.output)[1]], name: "\(joined).shape")], [node.output], name: node.name)
  }

  /// `[N, C, bins^n, positions]`: products of one element's memberships with the next one's, for up to two elements.
  private mutating func writeProducts(_ elements: [String], bins: Int, channels: Int, name: String) -> String {
    guard elements.count == 2 else { return elements[0] }
    var factors: [String] = []
    for (index, element) in elements.enumerated() {
      let factor = "\(name).factor\(index)"
      let shape = index == 0 ? [0, channels, bins, 1, -1] : [0, channels, 1, bins, -1]
      add("Reshape", [element, ints(shape, name: "\(factor).shape")], [factor], name: factor)
      factors.append(factor)
    }
    add("Mul", factors, ["\(name).product"], name: "\(name).product")
    add(
      "Reshape", ["\(name).product", ints([0, channels, bins * bins, -1], name: "\(name).shape")], [name], name: name)
    return name
  }

  /// `[N, C, bins, H, W]`: the degree of membership of each value in each bin.
  private mutating func writeMemberships(_ settings: CooccurrenceSettings, _ node: Node) -> String {
    let x = shape(node.inputs[0])
    let name = "\(node.output)/bins"
    func vector(_ values: [Float], _ role: String) -> String {
      floats(values, shape: [1, 1, values.count, 1, 1], name: "\(name).\(role)")
    }
    let zero = floats([0], name: "\(name).zero", isScalar: true)
    let one = floats([1], name: "\(name).one", isScalar: true)
    let apart = "\(name).apart"
    add("Reshape", [node.inputs[0], ints([0, x[1], 1, x[2], x[3]], name: "\(apart).shape")], [apart], name: apart)
    let gaps = zip(settings.centres, settings.centres.dropFirst()).map { $1 - $0 }
    let chain: [(type: String, inputs: [String])] = [
      ("Sub", [vector(Array(settings.centres.dropLast()), "lower")]), ("Div", [vector(gaps, "gaps")]),
      ("Clip", [zero, one]), ("ReduceSum", [ints([2], name: "\(name).axis")]),
      ("Sub", [vector(settings.centres.indices.map { Float($0) }, "numbers")]), ("Abs", []),
    ]
    var value = apart
    for (index, link) in chain.enumerated() {
      let next = "\(name).\(index)"
      add(link.type, [value] + link.inputs, [next], name: next)
      value = next
    }
    add("Sub", [one, value], ["\(name).nearness"], name: "\(name).nearness")
    add("Clip", ["\(name).nearness", zero, one], [name], name: name)
    return name
  }
}
