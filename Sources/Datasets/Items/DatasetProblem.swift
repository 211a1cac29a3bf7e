import Glibc

/// A problem in labelled data, found before any work is done on it.
public struct DatasetProblem: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    case missingFile = "missing file"
    case unknownLabel = "unknown label"
    case unknownName = "unknown name"
    case duplicate = "duplicate"
    case leakage
  }

  public var kind: Kind
  /// The affected file or group.
  public var subject: String
  public var detail: String

  public init(_ kind: Kind, _ subject: String, _ detail: String) {
    self.kind = kind
    self.subject = subject
    self.detail = detail
  }
}

extension Collection<DatasetProblem> {
  /// A table for people: the count of each kind, then one problem per row; empty without problems.
  ///
  /// - Parameter limit: maximum number of rows per kind.
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

/// Checks items before work is done on them.
public enum ItemCheck {
  /// Finds missing and empty files, duplicate paths and, optionally, files of equal content.
  ///
  /// - Parameter comparesContent: whether to read and compare files of equal size.
  public static func problems(in items: [LabelledItem], comparesContent: Bool = false) -> [DatasetProblem] {
    var problems: [DatasetProblem] = []
    var seen = Set<String>()
    var bySize: [Int: [LabelledItem]] = [:]
    for item in items {
      guard seen.insert(item.path).inserted else {
        problems.append(DatasetProblem(.duplicate, item.path, "is listed twice"))
        continue
      }
      switch size(ofFile: item.path) {
      case nil: problems.append(DatasetProblem(.missingFile, item.path, "cannot be found"))
      case 0?: problems.append(DatasetProblem(.missingFile, item.path, "is empty"))
      case let size?: bySize[size, default: []].append(item)
      }
    }
    guard comparesContent else { return problems }
    for (_, candidates) in bySize.sorted(by: { $0.key < $1.key }) where candidates.count > 1 {
      var firsts: [String: LabelledItem] = [:]
      for item in candidates {
        guard let hash = ContentHash.text(ofFile: item.path) else { continue }
        if let first = firsts[hash] {
          let labels = first.label == item.label ? "" : ", but one is \(first.label), the other \(item.label)"
          problems.append(DatasetProblem(.duplicate, item.path, "has the content of \(first.path)\(labels)"))
        } else {
          firsts[hash] = item
        }
      }
    }
    return problems
  }

  private static func size(ofFile path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Int(status.st_size)
  }
}
