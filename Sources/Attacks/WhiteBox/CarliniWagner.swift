public import Compute
import Glibc

/// Carlini and Wagner's ℓ2 attack (2017, §VI.A): minimises distance² + c · max(margin, 0) over the inverse hyperbolic
/// tangent of the pixels with Adam, and searches for the smallest successful c.
public struct CarliniWagner: Attack {
  public let id = "cw"
  public let norm = Norm.l2
  public let isMinimal = true
  public let usesBudget = false
  public var searches: Int
  public var steps: Int
  public var learningRate: Float
  public var firstWeight: Float

  public init(searches: Int = 6, steps: Int = 100, learningRate: Float = 0.01, firstWeight: Float = 1) {
    self.searches = searches
    self.steps = steps
    self.learningRate = learningRate
    self.firstWeight = firstWeight
  }

  public var iterations: Int? { steps }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    var best = Nearest(x, .l2)
    var weight = firstWeight
    var (low, high): (Float, Float?) = (0, nil)
    for _ in 0..<searches {
      if try minimise(from: x, truth: truth, weight: weight, oracle: oracle, best: &best) {
        high = weight
        weight = (low + weight) / 2
      } else {
        low = weight
        weight = high.map { (low + $0) / 2 } ?? weight * 10
      }
    }
    return best.crop ?? x
  }

  /// - Returns: whether any iterate was misclassified.
  private func minimise(
    from x: CropPixels, truth: TrueClass, weight: Float, oracle: any GradientOracle, best: inout Nearest
  ) throws -> Bool {
    // Keeps pixels of 0 and 1 finite.
    var w = x.values.map { atanh((2 * $0 - 1) * 0.999999) }
    var optimiser = PixelAdam(count: w.count)
    var moved = x
    var hasFooled = false
    for step in 0..<steps {
      for i in w.indices { moved.values[i] = (tanh(w[i]) + 1) / 2 }
      let (logit, gradient) = try oracle.gradient(at: moved)
      if truth.isFooled(by: logit) {
        hasFooled = true
        best.offer(moved)
      }
      let pull = truth.margin(logit) > -1e-4 ? weight * truth.sign : 0
      let slope = w.indices.map { i in
        let t = 2 * moved.values[i] - 1
        return (2 * (moved.values[i] - x.values[i]) + pull * gradient[i]) * (1 - t * t) / 2
      }
      optimiser.update(&w, slope, learningRate: learningRate, step: step)
    }
    return hasFooled
  }
}

/// Adam (Kingma and Ba 2015) over the values of one crop.
struct PixelAdam {
  private var mean: [Float]
  private var square: [Float]

  init(count: Int) {
    mean = [Float](repeating: 0, count: count)
    square = mean
  }

  /// - Parameter step: index of the step, from 0.
  mutating func update(_ values: inout [Float], _ gradient: [Float], learningRate: Float, step: Int) {
    let unbias1 = 1 - pow(0.9, Float(step + 1))
    let unbias2 = 1 - pow(0.999, Float(step + 1))
    for i in values.indices {
      mean[i] = 0.9 * mean[i] + 0.1 * gradient[i]
      square[i] = 0.999 * square[i] + 0.001 * gradient[i] * gradient[i]
      values[i] -= learningRate * (mean[i] / unbias1) / ((square[i] / unbias2).squareRoot() + 1e-8)
    }
  }
}
