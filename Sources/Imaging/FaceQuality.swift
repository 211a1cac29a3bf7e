/// How well a face can be judged: its size in the video, and its crop's brightness and sharpness.
public struct FaceQuality: Sendable, Hashable {
  /// Side of the face's box in pixels of the video.
  public var side: Double
  /// Mean luma of the crop, 0…255.
  public var luma: Double
  /// Mean absolute Laplacian of the crop's luma, relative to its standard deviation plus 1. It does not depend on the
  /// contrast; blurring, and enlarging a small face, lower it.
  public var sharpness: Double

  public init(side: Double, luma: Double, sharpness: Double) {
    self.side = side
    self.luma = luma
    self.sharpness = sharpness
  }

  /// - Parameters:
  ///   - crop: at least 3×3 pixels.
  ///   - box: the face in the video.
  public init(of crop: Frame, box: Box) {
    let luma = crop.lumaPlane
    let (width, count) = (crop.width, Double(luma.count))
    var sum = 0
    var squares = 0
    var laplacian = 0
    for value in luma {
      sum += Int(value)
      squares += Int(value) * Int(value)
    }
    for y in 1..<max(crop.height - 1, 1) {
      for x in 1..<max(width - 1, 1) {
        let i = y * width + x
        let beside = Int(luma[i - 1]) + Int(luma[i + 1])
        let above = Int(luma[i - width]) + Int(luma[i + width])
        laplacian += abs(4 * Int(luma[i]) - beside - above)
      }
    }
    let mean = Double(sum) / count
    let variance: Double = max(Double(squares) / count - mean * mean, 0)
    let inner: Int = max((width - 2) * (crop.height - 2), 1)
    let roughness = Double(laplacian) / Double(inner)
    self.init(side: box.width, luma: mean, sharpness: roughness / (variance.squareRoot() + 1))
  }
}

/// The quality below which a face is not judged: there the classifier does no better than chance.
public struct QualityFloor: Sendable, Hashable, Codable, CustomStringConvertible {
  public var side: Double
  public var luma: Double
  public var sharpness: Double

  /// Derived from the classifier's AUC on degraded DFDC validation crops; see Model.md, "Faces that are not judged".
  public static let usual = QualityFloor(side: 24, luma: 16, sharpness: 0.02)

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
  /// Luma of BT.601, one byte per pixel.
  fileprivate var lumaPlane: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: width * height) { luma, count in
      pixels.withUnsafeBufferPointer { pixels in
        for i in 0..<(width * height) {
          let sum = 77 * UInt32(pixels[3 * i]) + 150 * UInt32(pixels[3 * i + 1]) + 29 * UInt32(pixels[3 * i + 2])
          luma[i] = UInt8(truncatingIfNeeded: (sum + 128) >> 8)
        }
      }
      count = width * height
    }
  }
}
