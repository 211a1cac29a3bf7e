import Glibc

/// Paths and names in the folder that takes the output.
public enum OutputFolder {
  /// The folder of `path`; `.` for a bare name.
  static func containing(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the folder with those above it that are missing; one that is there already is fine.
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

  /// Gives a finished file its name, in place of one that may be there.
  static func rename(_ path: String, to newPath: String) throws(FilesError) {
    guard Glibc.rename(path, newPath) == 0 else { throw FilesError(path: newPath, call: "rename", errno: errno) }
  }

  /// Waits until renames in the folder are on the disk.
  static func synchronize(_ path: String) throws(FilesError) {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw FilesError(path: path, call: "open", errno: errno) }
    let result = fsync(folder)
    let code = errno
    close(folder)
    // Some network file systems cannot flush a folder; their renames are as durable as they get.
    guard result == 0 || code == EINVAL else { throw FilesError(path: path, call: "fsync", errno: code) }
  }
}
