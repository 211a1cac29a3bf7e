import Glibc

/// A file or folder of the output could not be made, written, flushed, read back or renamed.
public struct FilesError: Error, Hashable, CustomStringConvertible {
  /// The name that the file has, or will have once it is complete.
  public let path: String
  /// The C function that failed.
  public let call: String
  public let errno: CInt

  public init(path: String, call: String, errno: CInt) {
    self.path = path
    self.call = call
    self.errno = errno
  }

  /// Why it failed and, where something helps, what to do.
  public var reason: String {
    switch errno {
    case ENOSPC: "the disk is full (\(call)); free some space and run again. A complete file of that name is untouched"
    default: "\(explanation(ofErrno: errno)) (\(call))"
    }
  }

  public var description: String { "cannot write \(path): \(reason)" }
}
