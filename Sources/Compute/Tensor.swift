/// A contiguous float32 array with a shape; the last axis varies fastest.
///
/// A value type: copies share storage until one of them is written to, so threads can share the parameters of a network
/// without copying them.
public struct Tensor: Sendable {
  public let shape: Shape
  private var storage: AlignedStorage

  /// A tensor filled with one value.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.shape = shape
    storage = AlignedStorage(repeating: value, count: shape.count)
  }

  /// - Precondition: `values` has as many elements as the shape.
  public init(_ shape: Shape, _ values: some Collection<Float>) {
    precondition(values.count == shape.count, "\(values.count) values do not fill the shape \(shape)")
    self.shape = shape
    storage = AlignedStorage(uninitialisedCount: shape.count)
    _ = storage.floats.initialize(fromContentsOf: values)
  }

  /// A tensor whose elements `fill` writes; it must write all of them.
  public init<E: Error>(
    _ shape: Shape, filledBy fill: (UnsafeMutableBufferPointer<Float>) throws(E) -> Void
  ) throws(E) {
    self.shape = shape
    storage = AlignedStorage(uninitialisedCount: shape.count)
    try fill(storage.floats)
  }

  /// Number of elements.
  public var count: Int { shape.count }

  /// The elements in order.
  public var values: [Float] { Array(storage.floats) }

  /// The element at `offset` in storage order.
  public subscript(offset: Int) -> Float {
    get {
      precondition(offset >= 0 && offset < count, "offset \(offset) lies outside of \(shape)")
      return storage.floats[offset]
    }
    set {
      precondition(offset >= 0 && offset < count, "offset \(offset) lies outside of \(shape)")
      makeUnique()
      storage.floats[offset] = newValue
    }
  }

  /// Lends the elements for reading.
  public func withFloats<R, E: Error>(_ body: (UnsafeBufferPointer<Float>) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(storage.floats))
  }

  /// Lends the elements for writing; copies them first if they are shared.
  public mutating func withMutableFloats<R, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    makeUnique()
    defer { withExtendedLifetime(storage) {} }
    return try body(storage.floats)
  }

  /// The same elements in another shape, without a copy.
  ///
  /// - Precondition: both shapes have the same number of elements.
  public func reshaped(_ other: Shape) -> Tensor {
    precondition(other.count == count, "\(shape) cannot be seen as \(other)")
    return Tensor(shape: other, storage: storage)
  }

  private init(shape: Shape, storage: AlignedStorage) {
    self.shape = shape
    self.storage = storage
  }

  private mutating func makeUnique() {
    guard !isKnownUniquelyReferenced(&storage) else { return }
    let copy = AlignedStorage(uninitialisedCount: count)
    _ = copy.floats.initialize(fromContentsOf: storage.floats)
    storage = copy
  }
}

extension Tensor: Equatable {
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && a.withFloats { x in b.withFloats { y in x.elementsEqual(y) } }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first elements.
  public var description: String {
    let shown = values.prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "Tensor \(shape): \(shown)\(count > 8 ? ", …" : "")"
  }
}
