public import Compute

/// Saliency map attack (Papernot et al. 2016) for a single logit: repeatedly saturates the pixels with the greatest
/// predicted decrease of the margin.
public struct JSMA: Attack {
  public let id = "jsma"
  public let norm = Norm.l0
  public let isMinimal = true
  /// Maximum fraction of the crop's pixels that may change.
  public var maximumFraction: Float
  /// Pixels changed per step; one pixel per step, as in the paper, needs a gradient for every pixel.
  public var pixelsPerStep: Int

  public init(maximumFraction: Float = 0.05, pixelsPerStep: Int = 4) {
    self.maximumFraction = maximumFraction
    self.pixelsPerStep = pixelsPerStep
  }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let limit = min(Int(min(epsilon, Float(x.pixelCount))), Int(maximumFraction * Float(x.pixelCount)))
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
        for position in (3 * pixel)..<(3 * pixel + 3) where gradient[position] != 0 {
          point.values[position] = truth.sign * gradient[position] > 0 ? 0 : 1
        }
        isChanged[pixel] = true
        changed += 1
      }
    }
    return point
  }

  /// Predicted decrease of the margin when a pixel is saturated.
  private func fall(_ pixel: Int, _ x: CropPixels, _ gradient: [Float], _ truth: TrueClass) -> Float {
    (3 * pixel..<3 * pixel + 3).reduce(0) { sum, position in
      let slope = truth.sign * gradient[position]
      return sum + (slope > 0 ? slope * x.values[position] : -slope * (1 - x.values[position]))
    }
  }
}

extension Range<Int> {
  /// Indices of the `count` greatest values in descending order; ties by the lower index.
  func greatest(_ count: Int, _ value: (Int) -> Float) -> [Int] {
    var best: [(index: Int, value: Float)] = []
    for index in self {
      let value = value(index)
      if best.count == count, let last = best.last, last.value >= value { continue }
      let position = best.firstIndex { $0.value < value } ?? best.count
      best.insert((index, value), at: position)
      if best.count > count { best.removeLast() }
    }
    return best.map(\.index)
  }
}
