extension UnsafeBufferPointer<Float> {
  /// The address of the first element; tensors always have one, even empty ones.
  public var start: UnsafePointer<Float> { baseAddress.unsafelyUnwrapped }
}

extension UnsafeMutableBufferPointer<Float> {
  /// The address of the first element; tensors always have one, even empty ones.
  public var start: UnsafeMutablePointer<Float> { baseAddress.unsafelyUnwrapped }
}
