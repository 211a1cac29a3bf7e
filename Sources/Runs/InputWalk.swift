import Glibc

/// Finds the videos of a scan: files named outright, folders walked to the bottom, names read from a list.
///
/// Paths are bytes, as the kernel has them. Inside a folder a file is accepted by its extension; a file that is
/// named outright is accepted whatever it is called. The order is stable: inputs in their order, names in a folder
/// sorted by bytes. One name at a time is handed on, so memory does not grow with the number of files.
package struct InputWalk {
  package var roots: [[UInt8]]
  package var followSymlinks = false

  /// Extensions that a folder walk accepts, in lower case.
  static let extensions: Set<String> = [
    "3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "h264", "h265", "hevc", "ivf", "m1v", "m2t", "m2ts",
    "m2v", "m4v", "mkv", "mjpeg", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "nut", "ogm", "ogv", "qt", "rm",
    "rmvb", "ts", "vob", "webm", "wmv", "y4m",
  ]

  /// What a walk leaves out, for the summary.
  package struct Skipped: Sendable {
    var symlinks = 0
    /// Folders that could not be read, with the reason.
    var folders: [(path: [UInt8], why: String)] = []
  }

  /// Drops inputs that another input already covers, so that no video is scanned twice.
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
  /// - Returns: what was left out.
  package func forEach(_ body: (_ path: [UInt8]) -> Bool) -> Skipped {
    var skipped = Skipped()
    for root in roots {
      var status = stat()
      let isFolder = withCPath(root) { stat($0, &status) } == 0 && status.isFolder
      guard isFolder else {
        // Missing or odd files get their row too: the one who opens them says why they have no verdict.
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
      guard withCPath(path, { lstat($0, &status) }) == 0 else { continue }  // vanished since it was listed
      if status.isSymlink {
        guard followSymlinks, withCPath(path, { stat($0, &status) }) == 0 else {
          skipped.symlinks += 1
          continue
        }
      }
      if status.isFolder {
        let identity = FileIdentity(status)
        if ancestors.contains(identity) { continue }  // a link to a folder that we are in
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

/// Which file this is, whatever its name.
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

/// Hands `path` to C with its terminating zero.
private func withCPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  (path + [0]).withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
}
