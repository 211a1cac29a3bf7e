/// How well a face can be judged: its size in the video, and its crop's brightness and sharpness.
public struct FaceQuality: Sendable, Hashable {
  /// Side of the face's box in pixels of the video.
  public var side: Double
  /// Mean luma of the crop, 0…255.
  public var luma: Double
  /// Mean absolute Laplacian of the crop's luma in blocks of 4×4 pixels, relative to its standard deviation plus 1. It
  /// does not depend on the contrast; blurring, and enlarging a small face, lower it.
  public var sharpness: Double

  public init(side: Double, luma: Double, sharpness: Double) {
    self.side = side
    self.luma = luma
    self.sharpness = sharpness
  }

  /// - Parameters:
  ///   - crop: of the network's size; without an edge of 12 pixels its sharpness counts as endless.
  ///   - box: the face in the video.
  public init(of crop: Frame, box: Box) {
    let (columns, rows) = (crop.width / Self.block, crop.height / Self.block)
    let means = crop.lumaBlocks(side: Self.block)
    let count = Double(max(means.count, 1))
    let mean: Double = means.reduce(0, +) / count
    let variance: Double = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    guard min(columns, rows) >= 3 else {
      self.init(side: box.width, luma: mean, sharpness: .infinity)
      return
    }
    var laplacian = 0.0
    for y in 1..<(rows - 1) {
      for x in 1..<(columns - 1) {
        let i = y * columns + x
        let beside: Double = means[i - 1] + means[i + 1]
        let above: Double = means[i - columns] + means[i + columns]
        laplacian += abs(4 * means[i] - beside - above)
      }
    }
    laplacian /= Double((rows - 2) * (columns - 2))
    self.init(side: box.width, luma: mean, sharpness: laplacian / (variance.squareRoot() + 1))
  }

  /// Side of the blocks whose means are compared: rounding to 8 bits would drown the detail of a blurred crop's pixels.
  private static let block = 4
}

/// The quality below which a face is not judged: there the classifier has lost half of what it knows, or more.
public struct QualityFloor: Sendable, Hashable, Codable, CustomStringConvertible {
  public var side: Double
  public var luma: Double
  public var sharpness: Double

  /// Derived from the classifier's AUC on degraded DFDC validation crops; see Model.md, "Faces that are not judged".
  public static let usual = QualityFloor(side: 20, luma: 16, sharpness: 0.15)

  public init(side: Double, luma: Double, sharpness: Double) {
    self.side = side
    self.luma = luma
    self.sharpness = sharpness
  }

  public var description: String { "side \(side), luma \(luma), sharpness \(sharpness)" }

  public func admits(_ face: FaceQuality) -> Bool {
    face.side >= side && face.luma >= luma && face.sharpness >= sharpness
  }
}

extension Frame {
  /// Mean luma (BT.601, 0…255) of adjacent square blocks, row by row; what is left over at the right and below does not
  /// count.
  fileprivate func lumaBlocks(side: Int) -> [Double] {
    let (columns, rows) = (width / side, height / side)
    var sums = [Int](repeating: 0, count: columns * rows)
    pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<(rows * side) {
        for x in 0..<(columns * side) {
          let i = 3 * (y * width + x)
          let red = 77 * Int(pixels[i])
          let green = 150 * Int(pixels[i + 1])
          sums[y / side * columns + x / side] += red + green + 29 * Int(pixels[i + 2])
        }
      }
    }
    return sums.map { Double($0) / Double(256 * side * side) }
  }
}
