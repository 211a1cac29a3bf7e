public import Compute

/// Saliency map attack (Papernot et al. 2016) for a single logit: again and again the pixels whose saturation promises
/// the greatest fall of the margin.
public struct JSMA: Attack {
  public let id = "jsma"
  public let norm = Norm.l0
  public let isMinimal = true
  /// Share of the crop's pixels that may change at most.
  public var largestShare: Float
  /// Pixels that change in a step; one each, as in the paper, takes a gradient for every pixel.
  public var pixelsPerStep: Int

  public init(largestShare: Float = 0.05, pixelsPerStep: Int = 4) {
    self.largestShare = largestShare
    self.pixelsPerStep = pixelsPerStep
  }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let limit = min(Int(min(epsilon, Float(x.pixelCount))), Int(largestShare * Float(x.pixelCount)))
    var point = x
    var isChanged = [Bool](repeating: false, count: x.pixelCount)
    var changed = 0
    while changed < limit {
      let (logit, gradient) = try oracle.gradient(at: point)
      if truth.isFooled(by: logit) { break }
      let promise = (0..<x.pixelCount).map { isChanged[$0] ? 0 : fall($0, point, gradient, truth) }
      let best = promise.indices.greatest(min(pixelsPerStep, limit - changed)) { promise[$0] }
      guard let first = best.first, promise[first] > 0 else { break }
      for pixel in best where promise[pixel] > 0 {
        for place in (3 * pixel)..<(3 * pixel + 3) where gradient[place] != 0 {
          point.values[place] = truth.sign * gradient[place] > 0 ? 0 : 1
        }
        isChanged[pixel] = true
        changed += 1
      }
    }
    return point
  }

  /// How far the margin falls, by the gradient, when a pixel goes to the end of its range.
  private func fall(_ pixel: Int, _ x: CropPixels, _ gradient: [Float], _ truth: TrueClass) -> Float {
    (3 * pixel..<3 * pixel + 3).reduce(0) { sum, place in
      let slope = truth.sign * gradient[place]
      return sum + (slope > 0 ? slope * x.values[place] : -slope * (1 - x.values[place]))
    }
  }
}

extension Range<Int> {
  /// The `count` indices of the greatest values, the greatest first; ties by the lower index.
  func greatest(_ count: Int, _ value: (Int) -> Float) -> [Int] {
    var best: [(index: Int, value: Float)] = []
    for index in self {
      let value = value(index)
      if best.count == count, let last = best.last, last.value >= value { continue }
      let place = best.firstIndex { $0.value < value } ?? best.count
      best.insert((index, value), at: place)
      if best.count > count { best.removeLast() }
    }
    return best.map(\.index)
  }
}
