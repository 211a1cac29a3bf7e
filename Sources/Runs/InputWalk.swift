import Glibc

/// Enumerates the videos of a scan: files named explicitly, folders walked recursively, and names read from a list.
///
/// Paths are bytes, as in the kernel. Inside a folder, files are accepted by extension; an explicitly named file is
/// accepted whatever its name. The order is stable: inputs in the given order, names in a folder sorted by bytes. Paths
/// are passed on one at a time, so memory does not grow with the number of files.
package struct InputWalk {
  package var roots: [[UInt8]]
  package var followSymlinks = false

  /// Extensions accepted inside folders, in lower case.
  static let extensions: Set<String> = [
    "3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "h264", "h265", "hevc", "ivf", "m1v", "m2t", "m2ts",
    "m2v", "m4v", "mkv", "mjpeg", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "nut", "ogm", "ogv", "qt", "rm",
    "rmvb", "ts", "vob", "webm", "wmv", "y4m",
  ]

  /// Entries that a walk skipped, for the summary.
  package struct Skipped: Sendable {
    var symlinks = 0
    /// Unreadable folders with the reason.
    var folders: [(path: [UInt8], why: String)] = []
  }

  /// Drops inputs already covered by another input, so that no video is scanned twice.
  package init(inputs: [[UInt8]], followSymlinks: Bool = false) {
    var seen: Set<[UInt8]> = []
    let unique = inputs.map(Self.withoutTrailingSlash).filter { seen.insert($0).inserted }
    roots = unique.filter { path in
      !unique.contains { other in
        other != path && path.starts(with: other + (other == [slash] ? [] : [slash]))
      }
    }
    self.followSymlinks = followSymlinks
  }

  /// Calls `body` for each video until it returns false.
  ///
  /// - Returns: the skipped entries.
  package func forEach(_ body: (_ path: [UInt8]) -> Bool) -> Skipped {
    var skipped = Skipped()
    for root in roots {
      var status = stat()
      let isFolder = withCPath(root) { stat($0, &status) } == 0 && status.isFolder
      guard isFolder else {
        // Missing and special files get a row too: opening them yields the reason for the missing verdict.
        if !body(root) { break }
        continue
      }
      var ancestors: [FileIdentity] = [FileIdentity(status)]
      if !walk(root, &ancestors, &skipped, body) { break }
    }
    return skipped
  }

  private func walk(
    _ folder: [UInt8], _ ancestors: inout [FileIdentity], _ skipped: inout Skipped, _ body: ([UInt8]) -> Bool
  ) -> Bool {
    guard let names = Self.sortedNames(in: folder) else {
      skipped.folders.append((folder, String(cString: strerror(errno))))
      return true
    }
    for name in names {
      let path = folder.last == slash ? folder + name : folder + [slash] + name
      var status = stat()
      guard withCPath(path, { lstat($0, &status) }) == 0 else { continue }  // removed since it was listed
      if status.isSymlink {
        guard followSymlinks, withCPath(path, { stat($0, &status) }) == 0 else {
          skipped.symlinks += 1
          continue
        }
      }
      if status.isFolder {
        let identity = FileIdentity(status)
        if ancestors.contains(identity) { continue }  // link to an ancestor folder
        ancestors.append(identity)
        defer { ancestors.removeLast() }
        if !walk(path, &ancestors, &skipped, body) { return false }
      } else if Self.isVideoName(name), !body(path) {
        return false
      }
    }
    return true
  }

  private static func sortedNames(in folder: [UInt8]) -> [[UInt8]]? {
    guard let directory = withCPath(folder, { opendir($0) }) else { return nil }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [dot] && name != [dot, dot] { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func isVideoName(_ name: [UInt8]) -> Bool {
    guard let point = name.lastIndex(of: dot) else { return false }
    return extensions.contains(String(decoding: name[(point + 1)...], as: UTF8.self).lowercased())
  }

  private static func withoutTrailingSlash(_ path: [UInt8]) -> [UInt8] {
    var path = path
    while path.count > 1, path.last == slash { path.removeLast() }
    return path
  }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

/// Identity of a file, independent of its name.
private struct FileIdentity: Equatable {
  let device: UInt
  let inode: UInt

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
  }
}

extension stat {
  fileprivate var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
  fileprivate var isSymlink: Bool { st_mode & S_IFMT == S_IFLNK }
}

/// Passes `path` to C with a terminating NUL.
private func withCPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  (path + [0]).withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
}
