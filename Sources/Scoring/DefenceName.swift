package import Attacks
package import Runs

/// An input-transformation defence as users write it and rows record it: `jpeg:75`, `resize:85`, `bits:4`, `median:3`,
/// `noise:4`, or several joined by `+`.
package struct DefenceName: Sendable, Hashable, Codable {
  /// As it was written.
  package let text: String
  package let defence: any InputDefence

  private static let kinds: [(name: String, usual: Int, range: ClosedRange<Int>)] = [
    ("jpeg", 75, 1...100), ("resize", 85, 50...99), ("bits", 4, 1...8), ("median", 3, 3...7), ("noise", 4, 1...128),
  ]

  /// The available ones, for a help text.
  package static let help =
    "jpeg:QUALITY (75), resize:LEAST PER CENT (85), bits:BITS (4), median:SIDE (3), noise:LEVELS (4); several "
    + "joined by + act one behind the other"

  /// - Throws: `WorkflowError.settings` for an unknown defence.
  package init(_ text: String) throws(WorkflowError) {
    var members: [any InputDefence] = []
    for part in text.split(separator: "+", omittingEmptySubsequences: false) { members.append(try Self.single(part)) }
    self.text = text
    defence = members.count == 1 ? members[0] : DefenceChain(members)
  }

  package init(from decoder: any Swift.Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package static func == (first: Self, second: Self) -> Bool { first.text == second.text }
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }

  private static func single(_ text: Substring) throws(WorkflowError) -> any InputDefence {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard let kind = kinds.first(where: { $0.name == parts.first }) else {
      throw .usage("unknown defence '\(text)'; expected \(help)")
    }
    let setting = parts.count > 1 ? Int(parts[1]) : kind.usual
    guard let setting, kind.range.contains(setting), kind.name != "median" || setting % 2 == 1 else {
      throw .usage(
        "'\(text)': \(kind.name) takes a whole number from \(kind.range.lowerBound) to \(kind.range.upperBound)"
          + (kind.name == "median" ? ", odd" : ""))
    }
    switch kind.name {
    case "jpeg": return JPEGDefence(quality: setting)
    case "resize": return RandomResize(least: setting)
    case "bits": return BitDepth(bits: setting)
    case "median": return MedianFilter(side: setting)
    default: return GaussianNoise(levels: setting)
    }
  }
}
