public import Compute

/// Normal noise on every value, cut to [0, 1].
public struct GaussianNoise: InputDefence {
  /// Standard deviation in 255ths.
  public let levels: Int
  public let isRandom = true

  /// - Precondition: 1 to 128 levels.
  public init(levels: Int) {
    precondition((1...128).contains(levels), "noise of \(levels) levels")
    self.levels = levels
  }

  public var name: String { "noise:\(levels)" }

  public func apply(to x: CropPixels, using generator: inout SeededGenerator) -> DefendedCrop {
    var crop = x
    var isCut: [Int] = []
    for i in crop.values.indices {
      let value = crop.values[i] + Float(levels) / 255 * generator.normal()
      crop.values[i] = min(max(value, 0), 1)
      if crop.values[i] != value { isCut.append(i) }
    }
    return DefendedCrop(crop: crop) { gradient in
      var back = gradient
      for i in isCut { back[i] = 0 }
      return back
    }
  }
}
