/// From crop bytes to network input: `(byte / 255 - mean) / standardDeviation` for each of R, G, B.
public struct Preprocessing: Sendable, Hashable, Codable {
  /// Per channel, on the [0, 1] pixel scale.
  public var mean: [Float]
  public var standardDeviation: [Float]

  private enum CodingKeys: String, CodingKey {
    case mean
    case standardDeviation = "deviation"
  }

  /// - Precondition: three numbers each, standard deviations above 0.
  public init(mean: [Float] = [0.5, 0.5, 0.5], standardDeviation: [Float] = [0.25, 0.25, 0.25]) {
    precondition(
      mean.count == 3 && standardDeviation.count == 3 && standardDeviation.allSatisfy { $0 > 0 },
      "mean \(mean) and deviation \(standardDeviation) do not fit RGB")
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// Writes one crop in the network's `[H, W, C]` order.
  ///
  /// - Precondition: `input` has as many elements as `pixels`, a multiple of 3.
  public func write(_ pixels: some Collection<UInt8>, into input: UnsafeMutableBufferPointer<Float>) {
    precondition(
      pixels.count == input.count && pixels.count % 3 == 0, "\(pixels.count) bytes do not fill \(input.count) values")
    let scale = SIMD3(
      1 / (255 * standardDeviation[0]), 1 / (255 * standardDeviation[1]), 1 / (255 * standardDeviation[2]))
    let shift = SIMD3(-mean[0] / standardDeviation[0], -mean[1] / standardDeviation[1], -mean[2] / standardDeviation[2])
    let done: Void? = pixels.withContiguousStorageIfAvailable { bytes in
      for index in stride(from: 0, to: bytes.count, by: 3) {
        input[index] = Float(bytes[index]) * scale[0] + shift[0]
        input[index + 1] = Float(bytes[index + 1]) * scale[1] + shift[1]
        input[index + 2] = Float(bytes[index + 2]) * scale[2] + shift[2]
      }
    }
    if done == nil { write(Array(pixels), into: input) }
  }
}
