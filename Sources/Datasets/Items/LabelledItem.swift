/// A labelled video or picture, with its sources for splitting.
public struct LabelledItem: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Codable {
    case video
    case picture
  }

  /// Absolute path of the file, or a path relative to the root that a crop set names.
  public var path: String
  public var label: Label
  /// Source identity: items of one group show the same footage or person; a split never separates them.
  public var group: String
  /// Other groups that occur in the item, for example the person whose face was swapped in.
  public var kin: [String]
  /// A second group that the item may belong to instead, if its source is known only approximately. A split excludes the
  /// item if the two groups are in different parts.
  public var borderGroup: String?
  /// The part that the data set prescribes for the item.
  public var fixedPart: Part?
  /// Manipulation, or `real`.
  public var method: String
  /// Data set, for the rows of a report.
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

  /// All groups that may occur in the item.
  public var possibleSources: Set<String> { Set([group] + kin).union(borderGroup.map { [$0] } ?? []) }

  /// The method of every real item.
  public static let realMethod = "real"
}

/// Label of an item; the raw value is the training target.
public enum Label: Int, Sendable, Hashable, Codable, CaseIterable {
  case real = 0
  case fake = 1

  /// Parses labels in tables: `real`, `fake`, `0`, `1`, in any case, with surrounding spaces.
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

/// Result of a reader: the items in a stable order, and problems in the data.
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

extension LabelledItem {
  /// The data set without the ending of its prescribed test part.
  var trainingDataset: String {
    guard fixedPart == .test, let ending = ["-\(ItemTable.sourcesOnly)", "-test"].first(where: dataset.hasSuffix) else {
      return dataset
    }
    return String(dataset.dropLast(ending.count))
  }
}
