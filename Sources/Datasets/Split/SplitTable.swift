extension Split {
  /// A table for people: items of each part by label, data set and method, and what was left out.
  public func table(of items: [LabelledItem]) -> String {
    var counts: [String: [Part: Int]] = [:]
    var leftOut: [String: Int] = [:]
    for item in items {
      let row = "\(item.label)  \(item.dataset)  \(item.method)"
      if let part = part(of: item) {
        counts[row, default: [:]][part, default: 0] += 1
      } else {
        leftOut[row, default: 0] += 1
        counts[row, default: [:]][.train, default: 0] += 0
      }
    }
    let rows = counts.keys.sorted()
    let width = (rows.map(\.count).max() ?? 0) + 2
    func line(_ title: String, _ cells: [String]) -> String {
      let head = title + String(repeating: " ", count: max(0, width - title.count))
      return head + cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }
    var lines = [line("", Part.allCases.map(\.rawValue) + ["left out"])]
    for row in rows {
      lines.append(line(row, Part.allCases.map { "\(counts[row]?[$0] ?? 0)" } + ["\(leftOut[row] ?? 0)"]))
    }
    let groups = Part.allCases.map { part in "\(parts.values.count { $0 == part })" }
    lines.append(line("sources", groups + [""]))
    return lines.joined(separator: "\n")
  }
}
