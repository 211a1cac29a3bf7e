import Glibc

/// Looks for what is wrong with items before work is done on them.
public enum ItemCheck {
  /// Missing and empty files, a path given twice, and, if wanted, files of equal content.
  ///
  /// - Parameter comparesContent: reads the files of equal size, which takes as long as the disk needs.
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
