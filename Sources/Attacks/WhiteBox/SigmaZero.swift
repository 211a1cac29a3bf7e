public import Compute
import Glibc

/// σ-zero (Cinà et al. 2025): jointly minimises the margin and a smooth count of changed pixels, and zeroes small
/// changes by an adaptive threshold.
public struct SigmaZero: Attack {
  public let id = "sigma-zero"
  public let norm = Norm.l0
  public let isMinimal = true
  public let usesBudget = false
  public var steps: Int
  public var learningRate: Float
  /// Width of the smooth count: x² / (x² + σ).
  public var sigma: Float
  /// Initial threshold and its rate of change.
  public var threshold: Float
  public var thresholdStep: Float

  public init(
    steps: Int = 200, learningRate: Float = 1, sigma: Float = 1e-3, threshold: Float = 0.3, thresholdStep: Float = 0.01
  ) {
    self.steps = steps
    self.learningRate = learningRate
    self.sigma = sigma
    self.threshold = threshold
    self.thresholdStep = thresholdStep
  }

  public var iterations: Int? { steps }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    var change = [Float](repeating: 0, count: x.values.count)
    var optimiser = PixelAdam(count: change.count)
    var (rate, cut) = (learningRate, threshold)
    var best = Nearest(x, .l0)
    var point = x
    for step in 0..<steps {
      for i in change.indices { point.values[i] = x.values[i] + change[i] }
      let (logit, gradient) = try oracle.gradient(at: point)
      let isFooled = truth.isFooled(by: logit)
      if isFooled { best.offer(point) }
      let slope = slope(change, gradient, truth, isFooled: isFooled)
      let steepest = slope.reduce(0) { max($0, abs($1)) }
      guard steepest > 0 else { break }
      optimiser.update(&change, slope.map { $0 / steepest }, learningRate: rate, step: step)
      rate = learningRate / 10 + (learningRate - learningRate / 10) * (1 + cosine(step)) / 2
      for i in change.indices { change[i] = min(max(x.values[i] + change[i], 0), 1) - x.values[i] }
      cut += (isFooled ? thresholdStep : -thresholdStep) * rate / learningRate
      cut = max(cut, 0.004)
      silence(&change, below: cut)
    }
    return best.crop ?? point
  }

  private func cosine(_ step: Int) -> Float { cos(Float.pi * Float(step + 1) / Float(steps)) }

  /// Gradient of the margin, while not negative, plus that of the smooth count divided by the number of pixels.
  private func slope(
    _ change: [Float], _ gradient: [Float], _ truth: TrueClass, isFooled: Bool
  ) -> [Float] {
    let pixels = Float(change.count / 3)
    return change.indices.map { i in
      let square = change[i] * change[i]
      let count = 2 * sigma * change[i] / ((square + sigma) * (square + sigma)) / pixels
      return (isFooled ? 0 : truth.sign * gradient[i]) + count
    }
  }

  /// Resets pixels with small changes.
  private func silence(_ change: inout [Float], below cut: Float) {
    for start in stride(from: 0, to: change.count, by: 3) {
      let indices = start..<(start + 3)
      if indices.allSatisfy({ abs(change[$0]) < cut }) { for index in indices { change[index] = 0 } }
    }
  }
}
