package import Attacks
package import Runs
package import Verdicts

/// Defences as users write them: `jpeg:75`, `resize:85`, `bits:4`, `median:3`, `noise:4`, and several joined by `+`.
package enum DefenceName {
  private static let kinds: [(name: String, usual: Int, range: ClosedRange<Int>)] = [
    ("jpeg", 75, 1...100), ("resize", 85, 50...99), ("bits", 4, 1...8), ("median", 3, 3...7), ("noise", 4, 1...128),
  ]

  /// What there is, for a help text.
  package static let help =
    "jpeg:QUALITY (75), resize:LEAST PER CENT (85), bits:BITS (4), median:SIDE (3), noise:LEVELS (4); several "
    + "joined by + act one behind the other"

  /// - Throws: `WorkflowError.settings` when there is no such defence.
  package static func defence(_ text: String) throws(WorkflowError) -> any InputDefence {
    var members: [any InputDefence] = []
    for part in text.split(separator: "+", omittingEmptySubsequences: false) { members.append(try single(part)) }
    return members.count == 1 ? members[0] : DefenceChain(members)
  }

  /// What faces went through in front of the network in a scan with those settings; nil for nothing.
  ///
  /// - Throws: `WorkflowError.settings` when there is no such defence here.
  package static func defence(of settings: SettingsRecord) throws(WorkflowError) -> (any InputDefence)? {
    guard let text = settings.values["defence"] else { return nil }
    return try defence(text)
  }

  private static func single(_ text: Substring) throws(WorkflowError) -> any InputDefence {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard let kind = kinds.first(where: { $0.name == parts.first }) else {
      throw .settings("there is no defence '\(text)'; there are \(help)")
    }
    let setting = parts.count > 1 ? Int(parts[1]) : kind.usual
    guard let setting, kind.range.contains(setting), kind.name != "median" || setting % 2 == 1 else {
      throw .settings(
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
