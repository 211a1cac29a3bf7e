import Glibc

/// Errors of worker processes and input files, except the exit of a worker, which is a `Reply`.
public enum IsolationError: Error, Hashable {
  /// A worker could not be started.
  case spawn(executable: String, errno: CInt)
  /// A system call on a connection failed.
  case connection(call: String, errno: CInt)
  /// The other end has closed the connection.
  case disconnected
  /// The other end announced a message longer than this side accepts.
  case oversizedMessage(claimedBytes: Int, acceptedBytes: Int)
  /// A resource limit could not be set.
  case limit(name: String, errno: CInt)
  /// A file could not be opened or examined.
  case open(path: [UInt8], errno: CInt)
  /// The path refers to a symbolic link, and links are not followed.
  case symlink(path: [UInt8])
  /// The path refers to something other than a regular file, described by `kind`.
  case notRegularFile(path: [UInt8], kind: String)
  /// The file's size is far larger than its stored data.
  case sparse(path: [UInt8], sizeBytes: Int64, storedBytes: Int64)
}

extension IsolationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .spawn(let executable, let errno):
      "The worker process \(executable) could not be started: \(Self.text(errno))."
    case .connection(let call, let errno):
      "The connection to a worker process failed in \(call): \(Self.text(errno))."
    case .disconnected:
      "The other end of the connection to a worker process has gone."
    case .oversizedMessage(let claimed, let accepted):
      "A message of \(claimed) bytes was announced; at most \(accepted) are accepted."
    case .limit(let name, let errno):
      "The limit \(name) could not be set: \(Self.text(errno))."
    case .open(let path, let errno):
      "\(Self.text(path)): \(Self.text(errno))."
    case .symlink(let path):
      "\(Self.text(path)): a symbolic link, which is not followed unless asked for."
    case .notRegularFile(let path, let kind):
      "\(Self.text(path)): a \(kind), not a regular file."
    case .sparse(let path, let size, let stored):
      "\(Self.text(path)): a file of \(size) bytes of which \(stored) are stored; the rest is holes."
    }
  }

  private static func text(_ errno: CInt) -> String { String(cString: strerror(errno)) }

  private static func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }
}
