import Foundation

/// Pictures of any two classes, identified by the folder that directly contains them.
///
/// A class may have several folders of the same name (`train/NORMAL`, `test/NORMAL`). Every picture is its own source,
/// but files with the same name without extension in both classes share one, because they may be related.
public struct PictureClasses: Sendable {
  /// The class with the label real: `real`, the first in alphabetical order, or the first folder given.
  public let negative: String
  public let positive: String
  public let items: [LabelledItem]

  /// - Parameter paths: one folder that contains both classes, or the folders of the two classes.
  /// - Throws: `DatasetsError.file` when there are not exactly two classes.
  public init(_ paths: [String]) throws(DatasetsError) {
    var found: [(name: String, path: String)] = []
    var order: [String] = []
    for path in paths {
      let folder = try Folder(path)
      if paths.count > 1 { order.append(folder.path.lastName) }
      for (name, kind) in try folder.media() where kind == .picture {
        let holder = name.contains("/") ? String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]) : folder.path
        found.append((paths.count > 1 ? folder.path.lastName : holder.lastName, folder.path(of: name)))
      }
    }
    let names = paths.count > 1 ? order : Self.ordered(Set(found.map(\.name)))
    guard names.count == 2, names[0] != names[1] else {
      throw .file(
        path: paths.joined(separator: ", "),
        problem: "needs pictures in two folders, one for each class; there are "
          + (names.isEmpty ? "no pictures" : "pictures in \(names.prefix(8).joined(separator: ", "))"))
    }
    (negative, positive) = (names[0], names[1])
    if let empty = names.first(where: { name in !found.contains { $0.name == name } }) {
      throw .file(path: paths.joined(separator: ", "), problem: "holds no picture of '\(empty)'")
    }
    let dataset = paths.count > 1 ? "pictures" : try Folder(paths[0]).path.lastName
    items = found.map { name, path in
      LabelledItem(
        path: path, label: name == names[1] ? .fake : .real, group: path.stem, method: name, dataset: dataset,
        kind: .picture)
    }
  }

  private static func ordered(_ names: Set<String>) -> [String] {
    names.sorted { (Label(text: $0)?.rawValue ?? 0, $0) < (Label(text: $1)?.rawValue ?? 0, $1) }
  }
}

extension StringProtocol {
  /// The last path component.
  fileprivate var lastName: String { self[(lastIndex(of: "/").map(index(after:)) ?? startIndex)...].description }
}
