import Glibc

/// How far 8-bit samples are from those that they stand for.
public struct PictureError: Sendable, Hashable, Codable {
  /// Sum over all samples.
  public private(set) var squares: UInt64 = 0
  public private(set) var samples = 0

  public init() {}

  /// Adds samples beside each other.
  ///
  /// - Precondition: as many of both.
  public mutating func add(_ samples: Span<UInt8>, insteadOf originals: Span<UInt8>) {
    precondition(samples.count == originals.count, "\(samples.count) samples instead of \(originals.count)")
    var sum: UInt64 = 0
    for i in samples.indices {
      let change = Int32(samples[i]) - Int32(originals[i])
      sum &+= UInt64(change &* change)
    }
    squares += sum
    self.samples += samples.count
  }

  /// Peak signal-to-noise ratio in dB; nil where nothing differs.
  public var psnr: Double? {
    squares > 0 ? 10 * log10(255 * 255 * Double(samples) / Double(squares)) : nil
  }
}
