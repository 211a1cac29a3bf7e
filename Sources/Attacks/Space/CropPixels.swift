/// A crop as attacks see it: pixels on the [0, 1] scale, `R G B` interleaved, row by row.
public struct CropPixels: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `height * width * 3` values.
  public var values: [Float]

  /// - Precondition: as many values as pixels need.
  public init(width: Int, height: Int, values: [Float]) {
    precondition(values.count == width * height * 3, "\(values.count) values for \(width)×\(height) pixels")
    self.width = width
    self.height = height
    self.values = values
  }

  /// From bytes, 255 becoming 1.
  public init(width: Int, height: Int, bytes: some Collection<UInt8>) {
    self.init(width: width, height: height, values: bytes.map { Float($0) / 255 })
  }

  /// To the nearest bytes.
  public var bytes: [UInt8] { values.map { UInt8((min(max($0, 0), 1) * 255).rounded()) } }

  public var pixelCount: Int { width * height }
}
