import Foundation
import Glibc
package import Runs

/// A video file being written; it gets its final name once complete and is removed otherwise.
package struct TranscodeOutput: ~Copyable {
  package let path: String
  private let temporaryPath: String
  private let descriptor: CInt
  private var size = 0
  private var isPublished = false

  /// - Throws: `WorkflowError.output`.
  package init(_ path: String) throws(WorkflowError) {
    self.path = path
    temporaryPath = path + ".partial"
    unlink(temporaryPath)
    descriptor = open(temporaryPath, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else {
      let why = String(cString: strerror(errno))
      throw .output(path: path, why: why)
    }
  }

  deinit {
    close(descriptor)
    if !isPublished { unlink(temporaryPath) }
  }

  /// Writes bytes at an offset not beyond the current end.
  package mutating func write(_ bytes: ArraySlice<UInt8>, at position: Int) throws(WorkflowError) {
    guard position <= size else { throw .output(path: path, why: "the decoder process left a hole in the file") }
    try writeAll(Array(bytes), to: descriptor, at: position, path: path)
    size = max(size, position + bytes.count)
  }

  package mutating func publish() throws(WorkflowError) {
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw .output(path: path, why: String(cString: strerror(errno)))
    }
    isPublished = true
  }
}
