public import Compute
import Glibc

/// SimBA (Guo et al. 2019): tries low frequencies of the discrete cosine transform one by one, in both directions, and
/// keeps changes that lower the margin. Uses the logit, no gradient.
public struct SimBA: Attack {
  public let id = "simba"
  public let norm = Norm.l2
  public let isWhiteBox = false
  public var queries: Int
  /// ℓ2 length of one change.
  public var step: Float
  /// Number of frequencies tried along each side, as a fraction of the side.
  public var frequencies: Float

  public init(queries: Int = 1000, step: Float = 0.2, frequencies: Float = 1 / 8) {
    self.queries = queries
    self.step = step
    self.frequencies = frequencies
  }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    let across = max(1, Int(frequencies * Float(x.width)))
    let down = max(1, Int(frequencies * Float(x.height)))
    var order = Array(0..<(across * down * 3))
    order.shuffle(using: &generator)
    var best = Lowest(x)
    best.offer(x, logit: try oracle.logit(of: x), truth)
    var used = 1
    for choice in order where used < queries && !best.isFooled(truth) {
      let wave = Self.wave(x, choice / 3 % across, choice / 3 / across)
      for sign: Float in [1, -1] where used < queries {
        var candidate = best.crop
        for pixel in wave.indices { candidate.values[3 * pixel + choice % 3] += sign * step * wave[pixel] }
        ball.project(&candidate)
        let before = best.logit
        best.offer(candidate, logit: try oracle.logit(of: candidate), truth)
        used += 1
        if best.logit != before { break }
      }
    }
    return best.crop
  }

  /// A basis function of the two-dimensional cosine transform, of length 1.
  private static func wave(_ x: CropPixels, _ across: Int, _ down: Int) -> [Float] {
    func cosines(_ count: Int, _ frequency: Int) -> [Float] {
      let scale = ((frequency == 0 ? 1 : 2) / Float(count)).squareRoot()
      return (0..<count).map { scale * cos(Float.pi * (Float($0) + 0.5) * Float(frequency) / Float(count)) }
    }
    let (row, column) = (cosines(x.width, across), cosines(x.height, down))
    return column.flatMap { c in row.map { c * $0 } }
  }
}
