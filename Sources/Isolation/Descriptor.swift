import Glibc

/// Owns one file descriptor and closes it.
public struct Descriptor: ~Copyable {
  /// The number, valid while this value lives.
  public let raw: CInt

  /// Takes over `raw`, which nobody else may close.
  public init(owning raw: CInt) {
    precondition(raw >= 0, "\(raw) is no file descriptor")
    self.raw = raw
  }

  deinit { close(raw) }

  /// Gives up ownership: the caller closes the descriptor.
  public consuming func release() -> CInt {
    let number = raw
    discard self
    return number
  }
}
