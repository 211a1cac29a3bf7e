/// A video or picture whose truth is known, with what a split by source needs to know about it.
public struct LabelledItem: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Codable {
    case video
    case picture
  }

  /// Absolute path of the file, or the path relative to the root that a crop set names.
  public var path: String
  public var label: Label
  /// Source identity: items of one group show the same footage or person and never stand on two sides of a split.
  public var group: String
  /// Other groups that are seen in the item too, for example the person whose face was swapped in.
  public var kin: [String]
  /// A second group that the item may belong to instead: its source is known only roughly. A split leaves the item
  /// out when the two groups land in different parts.
  public var borderGroup: String?
  /// The part that the data set itself fixes for the item.
  public var fixedPart: Part?
  /// Manipulation, or `real`.
  public var method: String
  /// Data set, for rows of a report.
  public var dataset: String
  public var kind: Kind

  public init(
    path: String, label: Label, group: String, kin: [String] = [], borderGroup: String? = nil,
    fixedPart: Part? = nil, method: String, dataset: String, kind: Kind
  ) {
    self.path = path
    self.label = label
    self.group = group
    self.kin = kin
    self.borderGroup = borderGroup
    self.fixedPart = fixedPart
    self.method = method
    self.dataset = dataset
    self.kind = kind
  }

  /// All groups that may be seen in the item.
  public var possibleSources: Set<String> { Set([group] + kin).union(borderGroup.map { [$0] } ?? []) }

  /// The method of every real item.
  public static let realMethod = "real"
}

/// What an item is known to be; the raw value is the training target.
public enum Label: Int, Sendable, Hashable, Codable, CaseIterable {
  case real = 0
  case fake = 1

  /// Reads what people write in tables: `real`, `fake`, `0`, `1`, in any case, with spaces around.
  public init?(text: String) {
    switch text.trimmed.lowercased() {
    case "real", "0": self = .real
    case "fake", "1": self = .fake
    default: return nil
    }
  }
}

extension Label: CustomStringConvertible {
  public var description: String { self == .real ? "real" : "fake" }
}

/// What a reader found: the items in a stable order and what is wrong with the data.
public struct Reading: Sendable {
  public var items: [LabelledItem]
  public var problems: [DatasetProblem]

  public init(items: [LabelledItem] = [], problems: [DatasetProblem] = []) {
    self.items = items
    self.problems = problems
  }

  public mutating func append(_ other: Reading) {
    items += other.items
    problems += other.problems
  }
}
