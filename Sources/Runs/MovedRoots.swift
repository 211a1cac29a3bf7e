import Glibc

/// Where folders are now that had another path when their videos were scanned.
package struct MovedRoots: Sendable {
  private var moves: [(old: [UInt8], new: [UInt8])] = []

  /// No folder was moved.
  package init() {}

  /// - Parameter texts: `OLD=NEW` each.
  /// - Throws: `WorkflowError.usage` for one that is not of this form.
  package init(_ texts: [String]) throws(WorkflowError) {
    for text in texts {
      let bytes = Array(text.utf8)
      guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")), sign > 0, sign < bytes.count - 1 else {
        throw .usage("--root takes OLD=NEW, a folder as it is recorded and where it is now, not '\(text)'")
      }
      let (old, new) = (Self.trimmed(Array(bytes[..<sign])), Self.trimmed(Array(bytes[(sign + 1)...])))
      moves.append((old, new))
      // Rows record absolute paths.
      if old.first != slash { moves.append((Self.absolute(old), Self.absolute(new))) }
    }
    // The deepest folder counts.
    moves.sort { $0.old.count > $1.old.count }
  }

  /// The present path of a recorded one.
  package func path(_ recorded: [UInt8]) -> [UInt8] {
    for (old, new) in moves where recorded.starts(with: old) {
      let rest = recorded.dropFirst(old.count)
      if rest.isEmpty || rest.first == slash { return new + rest }
    }
    return recorded
  }

  package var isEmpty: Bool { moves.isEmpty }

  /// Whether a recorded path lies in one of the moved folders.
  package func concerns(_ recorded: [UInt8]) -> Bool { path(recorded) != recorded }

  private static func absolute(_ path: [UInt8]) -> [UInt8] {
    if path.first == slash { return path }
    var here = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard getcwd(&here, here.count) != nil else { return path }
    let folder = here.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return folder + [slash] + (path.starts(with: Array("./".utf8)) ? Array(path.dropFirst(2)) : path)
  }

  private static func trimmed(_ folder: [UInt8]) -> [UInt8] {
    var folder = folder
    while folder.last == slash { folder.removeLast() }
    return folder
  }
}

private let slash = UInt8(ascii: "/")
