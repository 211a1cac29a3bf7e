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
