public import Compute

/// Square attack (Andriushchenko et al. 2020): random search over squares of decreasing size; keeps changes that lower
/// the margin.
///
/// ℓ∞ sets squares to ±ε in each channel, starting from vertical stripes. ℓ2 moves the perturbation's energy from one
/// window to another, in the pyramid-like shape of the paper's algorithm 3.
public struct Square: Attack {
  public let norm: Norm
  public let isWhiteBox = false
  public var queries: Int
  /// Fraction of the pixels that the first squares cover; AutoAttack uses 0.8 for both norms.
  public var firstFraction: Float

  /// - Precondition: the norm is ℓ∞ or ℓ2.
  public init(_ norm: Norm = .linf, queries: Int = 1000, firstFraction: Float? = nil) {
    precondition(norm != .l0, "the square attack is for ℓ∞ and ℓ2")
    self.norm = norm
    self.queries = queries
    self.firstFraction = firstFraction ?? 0.8
  }

  public var id: String { norm == .linf ? "square" : "square-l2" }

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let ball = NormBall(norm, radius: epsilon, around: x)
    var point = norm == .linf ? stripes(ball, using: &generator) : tiles(ball, using: &generator)
    ball.project(&point)
    var best = Lowest(point)
    best.offer(point, logit: try oracle.logit(of: point), truth)
    for query in 1..<max(queries, 2) where !best.isFooled(truth) {
      let side = side(at: query, of: x)
      var candidate = best.crop
      switch norm {
      case .linf: paint(&candidate, side, ball, using: &generator)
      default: moveEnergy(&candidate, side, ball, using: &generator)
      }
      ball.project(&candidate)
      best.offer(candidate, logit: try oracle.logit(of: candidate), truth)
    }
    return best.crop
  }

  /// The fraction of pixels is halved at fixed points of the budget (the paper's schedule for 10 000 queries, scaled).
  private func side(at query: Int, of x: CropPixels) -> Int {
    let progress = Double(query) / Double(queries) * 10_000
    let halvings = [10.0, 50, 200, 500, 1000, 2000, 4000, 6000, 8000].count { progress > $0 }
    let fraction = Double(firstFraction) / Double(1 << halvings)
    let side = Int((fraction * Double(x.pixelCount)).squareRoot().rounded())
    return min(max(side, 1), min(x.width, x.height))
  }

  // MARK: - ℓ∞

  private func stripes(_ ball: NormBall, using generator: inout SeededGenerator) -> CropPixels {
    var x = ball.origin
    for column in 0..<x.width {
      for channel in 0..<3 {
        let change = generator.uniform() < 0.5 ? ball.radius : -ball.radius
        for row in 0..<x.height { x.values[(row * x.width + column) * 3 + channel] += change }
      }
    }
    return x
  }

  private func paint(
    _ x: inout CropPixels, _ side: Int, _ ball: NormBall, using generator: inout SeededGenerator
  ) {
    let left = generator.index(below: x.width - side + 1)
    let top = generator.index(below: x.height - side + 1)
    for channel in 0..<3 {
      let change = generator.uniform() < 0.5 ? ball.radius : -ball.radius
      for row in top..<(top + side) {
        for column in left..<(left + side) {
          let position = (row * x.width + column) * 3 + channel
          x.values[position] = ball.origin.values[position] + change
        }
      }
    }
  }

  // MARK: - ℓ2

  /// The paper's initial perturbation: a grid of bumps, five per side.
  private func tiles(_ ball: NormBall, using generator: inout SeededGenerator) -> CropPixels {
    var x = ball.origin
    let side = max(1, min(x.width, x.height) / 5)
    let bump = Self.bump(side)
    var change = [Float](repeating: 0, count: x.values.count)
    for top in stride(from: 0, through: x.height - side, by: side) {
      for left in stride(from: 0, through: x.width - side, by: side) {
        for channel in 0..<3 {
          let sign: Float = generator.uniform() < 0.5 ? 1 : -1
          for row in 0..<side {
            for column in 0..<side {
              change[((top + row) * x.width + left + column) * 3 + channel] += sign * bump[row * side + column]
            }
          }
        }
      }
    }
    let scale = ball.radius / max(change.length, .leastNormalMagnitude)
    for i in change.indices { x.values[i] += scale * change[i] }
    return x
  }

  private func moveEnergy(
    _ x: inout CropPixels, _ side: Int, _ ball: NormBall, using generator: inout SeededGenerator
  ) {
    let side = max(side | 1, 3)
    guard side <= min(x.width, x.height) else { return }
    let bump = Self.bump(side)
    let from = window(side, in: x, using: &generator)
    let to = window(side, in: x, using: &generator)
    var change = x.values.indices.map { x.values[$0] - ball.origin.values[$0] }
    // The unused budget and that released by the emptied window go into the other one.
    let spare = max(0, ball.radius * ball.radius - squares(change))
    for channel in 0..<3 {
      let source = indices(from, side, channel, x.width)
      let target = indices(to, side, channel, x.width)
      // Each index once, in a fixed order: a set's order differs between runs, and with it the rounding of the sum.
      let emptied = Set(source)
      let energy = squares(of: change, at: source + target.filter { !emptied.contains($0) }) + spare / 3
      let old = target.map { change[$0] }
      let oldLength = max(squares(of: change, at: target).squareRoot(), .leastNormalMagnitude)
      let sign: Float = generator.uniform() < 0.5 ? 1 : -1
      let mixed = zip(bump, old).map { sign * $0 + $1 / oldLength }
      let length = max(mixed.length, .leastNormalMagnitude)
      for position in source { change[position] = 0 }
      for (position, value) in zip(target, mixed) { change[position] = value / length * energy.squareRoot() }
    }
    for i in change.indices { x.values[i] = ball.origin.values[i] + change[i] }
  }

  private func window(
    _ side: Int, in x: CropPixels, using generator: inout SeededGenerator
  ) -> (left: Int, top: Int) {
    (generator.index(below: x.width - side + 1), generator.index(below: x.height - side + 1))
  }

  private func indices(_ window: (left: Int, top: Int), _ side: Int, _ channel: Int, _ width: Int) -> [Int] {
    (0..<(side * side)).map { index in
      ((window.top + index / side) * width + window.left + index % side) * 3 + channel
    }
  }

  private func squares(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 } }

  private func squares(of values: [Float], at indices: [Int]) -> Float {
    indices.reduce(0) { $0 + values[$1] * values[$1] }
  }

  /// The paper's pyramid with length 1: each ring adds 1/k², from the outside inwards.
  private static func bump(_ side: Int) -> [Float] {
    var values = [Float](repeating: 0, count: side * side)
    for row in 0..<side {
      for column in 0..<side {
        let depth = min(min(row, side - 1 - row), min(column, side - 1 - column))
        var sum: Float = 0
        for ring in 0...depth {
          let rank = Float(side / 2 + 1 - ring)
          sum += 1 / (rank * rank)
        }
        values[row * side + column] = sum
      }
    }
    let length = values.length
    return values.map { $0 / length }
  }
}
