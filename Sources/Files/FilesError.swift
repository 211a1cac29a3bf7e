import Glibc

/// An output file or folder could not be created, written, flushed, read or renamed.
public struct FilesError: Error, Hashable, CustomStringConvertible {
  /// Final path of the file.
  public let path: String
  /// The C function that failed.
  public let call: String
  public let errno: CInt

  public init(path: String, call: String, errno: CInt) {
    self.path = path
    self.call = call
    self.errno = errno
  }

  /// Cause and, if there is one, the remedy.
  public var reason: String {
    switch errno {
    case ENOSPC: "the disk is full (\(call)); free some space and run again. A complete file of that name is untouched"
    default: "\(explanation(ofErrno: errno)) (\(call))"
    }
  }

  public var description: String { "cannot write \(path): \(reason)" }
}
