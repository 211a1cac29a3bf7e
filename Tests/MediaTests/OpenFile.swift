import Glibc

/// Opens a file for reading while `body` runs.
func withDescriptor<Result>(_ path: String, _ body: (CInt) throws -> Result) throws -> Result {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  precondition(descriptor >= 0, "\(path) cannot be opened")
  defer { close(descriptor) }
  return try body(descriptor)
}
