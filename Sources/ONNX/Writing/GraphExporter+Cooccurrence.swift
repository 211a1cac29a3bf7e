import Compute
import NeuralNet

extension GraphExporter {
  /// Co-occurrence as operators that ONNX has: how much of each value is in each bin, then products of shifted maps.
  mutating func writeCooccurrence(_ settings: CooccurrenceSettings, _ node: Node) {
    let x = shape(node.inputs[0])
    let (channels, height, width) = (x[1], x[2], x[3])
    let bins = settings.centres.count
    let memberships = writeMemberships(settings, node)
    var tables: [String] = []
    for (index, offset) in settings.offsets.enumerated() {
      let name = "\(node.output)/pairs\(index)"
      let (rows, columns) = (height - offset.height, width - abs(offset.width))
      func part(_ row: Int, _ column: Int, _ role: String) -> String {
        let part = "\(name).\(role)"
        let inputs = [
          ints([row, column], name: "\(part).starts"), ints([row + rows, column + columns], name: "\(part).ends"),
          ints([3, 4], name: "\(part).axes"),
        ]
        add("Slice", [memberships] + inputs, [part], name: part)
        let flat = "\(part).flat"
        add("Reshape", [part, ints([0, channels, bins, -1], name: "\(flat).shape")], [flat], name: flat)
        return flat
      }
      let first = part(0, max(0, -offset.width), "first")
      let second = part(offset.height, max(0, offset.width), "second")
      let turned = "\(name).turned"
      add("Transpose", [second], [turned], name: turned, [.ints("perm", [0, 1, 3, 2])])
      add("MatMul", [first, turned], ["\(name).table"], name: "\(name).table")
      let row = "\(name).row"
      let target = ints([0, channels, 1, bins * bins], name: "\(row).shape")
      add("Reshape", ["\(name).table", target], [row], name: row)
      // Into the cells that places share, and from counts to shares.
      let cells = settings.cellCount
      var folding = [Float](repeating: 0, count: bins * bins * cells)
      for (place, cell) in settings.cells.enumerated() { folding[place * cells + cell] = 1 / Float(rows * columns) }
      let matrix = floats(folding, shape: [bins * bins, cells], name: "\(name).cells")
      add("MatMul", [row, matrix], ["\(name).shares"], name: "\(name).shares")
      tables.append("\(name).shares")
    }
    let joined = "\(node.output)/joined"
    add("Concat", tables, [joined], name: joined, [.int("axis", 2)])
    add(
      "Reshape", [joined, ints([0, shape(node.output)[1]], name: "\(joined).shape")], [node.output], name: node.name)
  }

  /// `[N, C, bins, H, W]`: the share with which each value belongs to each bin.
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
