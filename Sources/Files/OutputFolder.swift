import Glibc

/// Paths and renames in the output folder.
public enum OutputFolder {
  /// The folder of `path`; `.` for a bare name.
  static func containing(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }

  /// Creates the folder and its missing parents; an existing folder is accepted.
  public static func create(_ path: String) throws(FilesError) {
    if mkdir(path, 0o777) == 0 { return }
    if errno == ENOENT, containing(path) != path {
      try create(containing(path))
      if mkdir(path, 0o777) == 0 { return }
    }
    let code = errno
    var status = stat()
    let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    guard code == EEXIST, isFolder else {
      throw FilesError(path: path, call: "mkdir", errno: code == EEXIST ? ENOTDIR : code)
    }
  }

  /// Renames a finished file, replacing an existing one.
  static func rename(_ path: String, to newPath: String) throws(FilesError) {
    guard Glibc.rename(path, newPath) == 0 else { throw FilesError(path: newPath, call: "rename", errno: errno) }
  }

  /// Waits until renames in the folder are on disk.
  static func synchronize(_ path: String) throws(FilesError) {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw FilesError(path: path, call: "open", errno: errno) }
    let result = fsync(folder)
    let code = errno
    close(folder)
    // Some network file systems cannot flush a folder.
    guard result == 0 || code == EINVAL else { throw FilesError(path: path, call: "fsync", errno: code) }
  }
}
