import Glibc

/// An upright picture that can be looked at in parts and at any scale, without converting all of it.
///
/// A decoded video frame and a `Frame` both are one: detectors and croppers need not know which.
public protocol Picture: ~Copyable {
  /// Size in upright, square pixels.
  var width: Int { get }
  var height: Int { get }

  /// A quick rendering of `region` for a detector; the filter is the implementation's choice.
  ///
  /// - Parameters:
  ///   - region: part of the picture; what lies outside of it is cut off first.
  ///   - width: columns of the result, at least 1.
  ///   - height: rows of the result, at least 1.
  func thumbnail(of region: Box, width: Int, height: Int) throws -> Frame

  /// `region` at the picture's own resolution (whole pixels around it), what lies outside is the nearest edge pixel.
  ///
  /// Network inputs are made from this with `Frame.resized`, so that every source uses one filter.
  func pixels(of region: Box) throws -> Frame
}

extension Picture where Self: ~Copyable {
  /// The whole picture as a region.
  public var bounds: Box { Box(x: 0, y: 0, width: Double(width), height: Double(height)) }
}

extension Picture where Self: ~Copyable {
  /// `square` of the picture at the size that a network wants.
  ///
  /// The square is rounded to whole pixels, cut at the picture's own resolution (edge pixels repeated beyond the
  /// picture) and brought to size by `Frame.resized`.
  /// - Parameters:
  ///   - square: as `Box.square(margin:)` makes it; only its width is looked at.
  ///   - size: columns and rows of the result, at least 1.
  public func crop(square: Box, size: Int) throws -> Frame {
    try pixels(of: square.roundedSquare).resized(width: size, height: size)
  }
}

extension Box {
  /// The square of whole pixels nearest to this one, its side at least 1.
  public var roundedSquare: Box {
    let side = max(1, width.rounded())
    return Box(x: (centerX - side / 2).rounded(), y: (centerY - side / 2).rounded(), width: side, height: side)
  }
}

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
