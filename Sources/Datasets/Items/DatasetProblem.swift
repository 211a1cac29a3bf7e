/// Something wrong with labelled data, found before any work is done on it.
public struct DatasetProblem: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    case missingFile = "missing file"
    case unknownLabel = "unknown label"
    case unknownName = "unknown name"
    case duplicate = "duplicate"
    case leakage
  }

  public var kind: Kind
  /// The file or group that is concerned.
  public var subject: String
  public var detail: String

  public init(_ kind: Kind, _ subject: String, _ detail: String) {
    self.kind = kind
    self.subject = subject
    self.detail = detail
  }
}

extension Collection<DatasetProblem> {
  /// A table for people, one problem a row after a count of each kind; empty without problems.
  ///
  /// - Parameter limit: rows shown of each kind.
  public func table(limit: Int = 20) -> String {
    var lines: [String] = []
    for kind in DatasetProblem.Kind.allCases {
      let rows = filter { $0.kind == kind }
      guard !rows.isEmpty else { continue }
      lines.append("\(kind.rawValue): \(rows.count)")
      lines += rows.prefix(limit).map { "  \($0.subject)  \($0.detail)" }
      if rows.count > limit { lines.append("  and \(rows.count - limit) more") }
    }
    return lines.joined(separator: "\n")
  }
}
