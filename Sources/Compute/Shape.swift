/// The extents of a tensor, outermost first; images are `[N, C, H, W]`, filters `[K, C, R, S]`.
public struct Shape: Hashable, Sendable {
  /// Extents, each at least 0.
  public let extents: [Int]

  /// - Precondition: no extent is negative.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "a shape cannot have a negative extent: \(extents)")
    self.extents = extents
  }

  /// Number of axes.
  public var rank: Int { extents.count }

  /// Number of elements: the product of all extents, 1 for a scalar.
  public var count: Int { extents.reduce(1, *) }

  public subscript(axis: Int) -> Int { extents[axis] }

  /// The same shape with a different first extent.
  ///
  /// - Precondition: the shape has at least one axis.
  public func withBatch(_ batch: Int) -> Shape {
    Shape([batch] + extents.dropFirst())
  }

  /// The shape of one sample: all axes after the first.
  public var sample: Shape { Shape(Array(extents.dropFirst())) }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }
}

extension Shape: CustomStringConvertible {
  public var description: String {
    "[" + extents.map(String.init).joined(separator: ", ") + "]"
  }
}

extension Shape: Codable {
  public init(from decoder: any Decoder) throws {
    let extents = try [Int](from: decoder)
    guard extents.allSatisfy({ $0 >= 0 }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "negative extent in the shape \(extents)"))
    }
    self.init(extents)
  }

  public func encode(to encoder: any Encoder) throws {
    try extents.encode(to: encoder)
  }
}
