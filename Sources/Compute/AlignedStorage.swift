/// A block of floats that starts on a cache line (64 bytes), owned by reference.
///
/// Unchecked because the owners keep the rules: `Tensor` writes only to storage that it alone refers to, an executor's
/// memory belongs to the one thread that runs it.
public final class AlignedStorage: @unchecked Sendable {
  /// The floats; their lifetime is this object's.
  public let floats: UnsafeMutableBufferPointer<Float>

  /// Allocates without initialising.
  public init(uninitialisedCount count: Int) {
    precondition(count >= 0, "storage cannot have \(count) elements")
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
    floats = UnsafeMutableBufferPointer(start: raw.bindMemory(to: Float.self, capacity: count), count: count)
  }

  /// Allocates `count` floats of one value.
  public convenience init(repeating value: Float, count: Int) {
    self.init(uninitialisedCount: count)
    floats.initialize(repeating: value)
  }

  deinit { UnsafeMutableRawPointer(floats.baseAddress)?.deallocate() }

  /// Bytes: one cache line, one AVX-512 register.
  public static var alignment: Int { 64 }

  /// The start as an address.
  public var base: UnsafeMutablePointer<Float> {
    // An allocation of at least one element always has an address.
    floats.baseAddress.unsafelyUnwrapped
  }
}

extension UnsafeBufferPointer<Float> {
  /// The address of the first element; tensors always have one, even empty ones.
  public var start: UnsafePointer<Float> { baseAddress.unsafelyUnwrapped }
}

extension UnsafeMutableBufferPointer<Float> {
  /// The address of the first element; tensors always have one, even empty ones.
  public var start: UnsafeMutablePointer<Float> { baseAddress.unsafelyUnwrapped }
}
