public import Compute
public import Imaging

/// Compressed as JPEG and decoded: blocks, ringing and coarse colour, as most pictures and, in kind, all videos have.
///
/// Quality 30…95 at full strength, colour at half resolution (4:2:0), the grid of blocks at a random offset, because a
/// face seldom starts where a block does. Entropy coding loses nothing and is left out.
public struct JPEGCompression: Augmentation {
  public static let name = "jpeg"
  public let strength: Double

  public init(strength: Double = 1) {
    self.strength = strength
  }

  public func apply(to crop: Frame, using generator: inout SeededGenerator) -> Frame {
    guard strength > 0 else { return crop }
    let quality = 100 - strength * generator.uniform(in: 5...70)
    let offset = generator.next() >> 56
    return crop.compressed(quality: Int(quality.rounded()), offset: (Int(offset & 15), Int(offset >> 4)))
  }
}

extension Frame {
  /// The frame after a round trip through JPEG's losses.
  ///
  /// - Parameters:
  ///   - quality: 1…100, as the Independent JPEG Group counts it.
  ///   - offset: columns and rows, 0…15, by which the frame is shifted against the grid of blocks.
  public func compressed(quality: Int, offset: (x: Int, y: Int) = (0, 0)) -> Frame {
    let tables = JPEGQuantisation(quality: quality)
    var planes = ColourPlanes(self, offset: offset)
    let luma = BlockTransform(quantisation: tables.luma)
    let chroma = BlockTransform(quantisation: tables.chroma)
    planes.luma.withUnsafeMutableBufferPointer { luma.apply(to: $0, width: planes.width) }
    planes.blue.withUnsafeMutableBufferPointer { chroma.apply(to: $0, width: planes.width / 2) }
    planes.red.withUnsafeMutableBufferPointer { chroma.apply(to: $0, width: planes.width / 2) }
    return planes.frame(width: width, height: height, offset: offset)
  }
}
