import Files
import Glibc
package import Verdicts

/// Enumerates the files of a scan: files named explicitly, folders walked recursively, and names read from a list.
///
/// Paths are bytes, as in the kernel, absolute, and without symbolic links in the inputs' own folders, so that a file
/// has one path however its input was spelled. Names decide only what needs no look at the content: a file that is
/// named outright, or whose extension is one of videos, is passed on as it is; any other regular file needs a probe.
/// In a folder, files without such an extension come last. The order is stable: inputs in the given order, names in a
/// folder sorted by bytes. Paths are passed on one at a time, so memory does not grow with the number of files.
package struct InputWalk: Sendable {
  /// A file that may be a video.
  package struct File: Sendable {
    package let path: [UInt8]
    /// The absolute input folder that it was found in; for a file that was named, its folder.
    package let root: [UInt8]
    /// Whether its content decides that it is a video.
    package let needsProbe: Bool
    /// Nil for what is not a regular file.
    package let status: FileKey.Status?
  }

  /// What a walk found out beside the files.
  package struct Report: Sendable {
    package var leftOut = LeftOutCounts()
    /// Folders that could not be read, or not to their end.
    package var failures: [FolderFailure] = []
    /// Files that the caller took for videos; the caller counts them.
    package var accepted = 0
    /// Whether the walk came to its end.
    package var isFinished = true

    package init() {}
  }

  /// Absolute.
  package let roots: [[UInt8]]
  private let followSymlinks: Bool
  private let onlyExtensions: Bool
  /// Files that were named outright, below one of the roots or as a root.
  private let named: Set<[UInt8]>

  /// Drops inputs already covered by another input, so that no video is scanned twice.
  ///
  /// - Parameter onlyExtensions: leave out files in folders that have no extension of videos, without a probe.
  package init(inputs: [[UInt8]], followSymlinks: Bool = false, onlyExtensions: Bool = false) {
    var seen: Set<[UInt8]> = []
    let unique = inputs.map(Self.canonical).filter { seen.insert($0).inserted }
    let folders = Set(unique.filter { Self.status($0)?.isFolder ?? false })
    named = Set(unique).subtracting(folders)
    roots = unique.filter { path in
      !folders.contains { other in
        other != path && path.starts(with: other + (other == [slash] ? [] : [slash]))
      }
    }
    self.followSymlinks = followSymlinks
    self.onlyExtensions = onlyExtensions
  }

  /// Whether nothing is at the path, not even a symbolic link that leads nowhere.
  package static func isMissing(_ path: [UInt8]) -> Bool {
    guard !path.isEmpty, !path.contains(0) else { return true }
    var status = stat()
    return withCPath(path) { lstat($0, &status) } != 0 && (errno == ENOENT || errno == ENOTDIR)
  }

  /// Calls `body` for each file until it returns false.
  package func forEach(_ body: (File) -> Bool) -> Report {
    var report = Report()
    for root in roots {
      guard let status = Self.status(root), status.isFolder else {
        // Missing and special files get a row too: opening them yields the reason for the missing verdict.
        let file = File(
          path: root, root: Self.folder(of: root), needsProbe: false,
          status: Self.status(root, follow: followSymlinks).flatMap(FileKey.Status.init))
        if body(file) { continue }
        report.isFinished = false
        break
      }
      var ancestors: [FileKey] = [FileKey(status)]
      guard walk(root, root: root, &ancestors, &report, body) else {
        report.isFinished = false
        break
      }
    }
    return report
  }

  private func walk(
    _ folder: [UInt8], root: [UInt8], _ ancestors: inout [FileKey], _ report: inout Report, _ body: (File) -> Bool
  ) -> Bool {
    let listing = FolderListing(folder)
    var code = listing.errno
    let products = ProductMarker.products(of: folder, among: listing.names)
    var hasVanished = false
    var others: [File] = []
    for name in listing.names {
      let path = folder.last == slash ? folder + name : folder + [slash] + name
      var status = stat()
      guard withCPath(path, { lstat($0, &status) }) == 0 else {
        // A file that was removed since it was listed is nothing to report; a folder that vanished is.
        if errno == ENOENT { hasVanished = true } else if code == 0 { code = errno }
        continue
      }
      if status.isSymlink {
        guard followSymlinks, withCPath(path, { stat($0, &status) }) == 0 else {
          report.leftOut.add(.symlink)
          continue
        }
      }
      if status.isFolder {
        guard !MediaNames.isMetadataFolder(name) else {
          report.leftOut.add(.metadata)
          continue
        }
        let identity = FileKey(status)
        if ancestors.contains(identity) { continue }  // link to an ancestor folder
        ancestors.append(identity)
        defer { ancestors.removeLast() }
        if !walk(path, root: root, &ancestors, &report, body) { return false }
        continue
      }
      switch kind(of: name, path, status, products) {
      case .leftOut(let reason): report.leftOut.add(reason)
      case .file(let needsProbe):
        let file = File(path: path, root: root, needsProbe: needsProbe, status: FileKey.Status(status))
        if needsProbe { others.append(file) } else if !body(file) { return false }
      }
    }
    if hasVanished, code == 0, Self.status(folder).map(FileKey.init) != ancestors.last { code = ENOENT }
    if code != 0 {
      report.failures.append(
        FolderFailure(path: VideoPath(folder), errno: Int(code), message: String(cString: strerror(code))))
    }
    for file in others where !body(file) { return false }
    return true
  }

  private enum Kind {
    case file(needsProbe: Bool)
    case leftOut(LeftOutReason)
  }

  private func kind(of name: [UInt8], _ path: [UInt8], _ status: stat, _ products: Set<[UInt8]>) -> Kind {
    if named.contains(path) { return .file(needsProbe: false) }
    if products.contains(name) { return .leftOut(.ownProduct) }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    if isRegular, name.starts(with: Array("._".utf8)), Self.isAppleDouble(path) { return .leftOut(.metadata) }
    // A special file with the name of a video gets a row that says so.
    if MediaNames.isVideo(name) { return .file(needsProbe: false) }
    if !isRegular { return .leftOut(.special) }
    if onlyExtensions { return MediaNames.mayBeVideo(name) ? .file(needsProbe: false) : .leftOut(.fileExtension) }
    return .file(needsProbe: true)
  }

  /// Whether the file begins as AppleDouble files do (RFC 1740); a video that only has such a name is none.
  private static func isAppleDouble(_ path: [UInt8]) -> Bool {
    let descriptor = withCPath(path) { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var magic: [UInt8] = [0, 0, 0, 0]
    return read(descriptor, &magic, magic.count) == magic.count && magic == [0x00, 0x05, 0x16, 0x07]
  }

  /// The absolute path: the real path of a folder; of anything else its name in the real path of its folder, so that a
  /// symbolic link stays one.
  private static func canonical(_ path: [UInt8]) -> [UInt8] {
    var path = path
    while path.count > 1, path.last == slash { path.removeLast() }
    if status(path)?.isFolder ?? false { return realPath(path) ?? absolute(path) }
    let place = folder(of: path)
    guard let real = realPath(place) else { return absolute(path) }
    let name = Array(path[(path.lastIndex(of: slash).map { $0 + 1 } ?? 0)...])
    return real == [slash] ? real + name : real + [slash] + name
  }

  private static func folder(of path: [UInt8]) -> [UInt8] {
    guard let end = path.lastIndex(of: slash) else { return [dot] }
    return end == 0 ? [slash] : Array(path[..<end])
  }

  private static func absolute(_ path: [UInt8]) -> [UInt8] {
    if path.first == slash { return path }
    return (realPath([dot]) ?? [dot]) + [slash] + path
  }

  /// Nil when the path leads nowhere.
  package static func realPath(_ path: [UInt8]) -> [UInt8]? {
    guard !path.contains(0), let real = withCPath(path, { realpath($0, nil) }) else { return nil }
    defer { free(real) }
    return Array(UnsafeRawBufferPointer(start: real, count: strlen(real)))
  }

  private static func status(_ path: [UInt8], follow: Bool = true) -> stat? {
    guard !path.contains(0) else { return nil }
    var status = stat()
    return withCPath(path, { follow ? stat($0, &status) : lstat($0, &status) }) == 0 ? status : nil
  }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

/// The names in a folder, sorted by bytes, as far as they could be read.
private struct FolderListing {
  var names: [[UInt8]] = []
  /// What ended the reading; 0 for the end of the folder.
  var errno: Int32 = 0

  init(_ folder: [UInt8]) {
    guard let directory = withCPath(folder, { opendir($0) }) else {
      errno = Glibc.errno
      return
    }
    defer { closedir(directory) }
    while true {
      Glibc.errno = 0
      guard let entry = readdir(directory) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [dot] && name != [dot, dot] { names.append(name) }
    }
    errno = Glibc.errno
    names.sort { $0.lexicographicallyPrecedes($1) }
  }
}

/// Identity of a file, independent of its name.
package struct FileKey: Sendable, Hashable {
  /// Identity of a regular file and the number of its names.
  package struct Status: Sendable {
    package let key: FileKey
    package let links: Int

    init?(_ status: stat) {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
      key = FileKey(status)
      links = Int(status.st_nlink)
    }
  }

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
