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
      moves.append((Self.trimmed(Array(bytes[..<sign])), Self.trimmed(Array(bytes[(sign + 1)...]))))
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

  private static func trimmed(_ folder: [UInt8]) -> [UInt8] {
    var folder = folder
    while folder.last == slash { folder.removeLast() }
    return folder
  }
}

private let slash = UInt8(ascii: "/")
