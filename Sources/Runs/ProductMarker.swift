import Files
import FoundationEssentials
import Glibc

/// Marks files in a folder as written by Assay, so that scans leave them out: `.assay-products`, with one name a line.
///
/// The marker holds for the folder that it was written in, which it names by its inode: nobody who can only choose the
/// name and content of an upload can hide other uploads with it. A copy of the folder is not marked.
package enum ProductMarker {
  static let name = ".assay-products"
  private static let heading = "assay-products 1 "

  /// Adds names to the marker of a folder.
  package static func mark(_ names: [String], in folder: String) throws(WorkflowError) {
    guard let inode = inode(of: Array(folder.utf8)) else {
      throw .output(path: folder, why: explanation(ofErrno: errno))
    }
    let old = products(of: Array(folder.utf8), among: [Array(name.utf8)])
    let all = old.union((names + [name]).map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
    guard Set(all) != old else { return }
    let lines = [Array("\(heading)\(inode)".utf8)] + all.filter { !$0.contains(newline) }
    do {
      try AtomicFile.write(Data(lines.flatMap { $0 + [newline] }), to: "\(folder)/\(name)")
    } catch { throw WorkflowError(error) }
  }

  /// The names that the marker of a folder lists; none without a valid marker.
  ///
  /// - Parameter names: of the files in the folder.
  static func products(of folder: [UInt8], among names: [[UInt8]]) -> Set<[UInt8]> {
    guard names.contains(Array(name.utf8)), let inode = inode(of: folder),
      let bytes = read(folder + Array("/\(name)".utf8))
    else { return [] }
    let lines = bytes.split(separator: newline).map { Array($0) }
    guard lines.first == Array("\(heading)\(inode)".utf8) else { return [] }
    return Set(lines.dropFirst())
  }

  private static let newline = UInt8(ascii: "\n")
  /// More than any marker has.
  private static let mostBytes = 64 << 20

  private static func inode(of folder: [UInt8]) -> UInt? {
    var status = stat()
    let found = (folder + [0]).withUnsafeBytes { stat($0.assumingMemoryBound(to: CChar.self).baseAddress!, &status) }
    return found == 0 ? UInt(status.st_ino) : nil
  }

  /// Nil when there is no regular file that can be read.
  private static func read(_ path: [UInt8]) -> [UInt8]? {
    let descriptor = (path + [0]).withUnsafeBytes {
      open($0.assumingMemoryBound(to: CChar.self).baseAddress!, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= mostBytes else {
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var end = 0
    while end < bytes.count {
      let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + end, $0.count - end) }
      guard count > 0 else { return nil }
      end += count
    }
    return bytes
  }
}
