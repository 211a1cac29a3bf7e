public import Compute

/// One-pixel attack (Su, Vargas and Sakurai 2019), generalised to the budget's number of pixels: differential evolution
/// over their positions and colours.
public struct FewPixels: Attack {
  public let id = "one-pixel"
  public let norm = Norm.l0
  public let isWhiteBox = false
  public var population: Int
  public var generations: Int

  public init(population: Int = 40, generations: Int = 25) {
    precondition(population >= 4, "differential evolution needs at least four individuals")
    self.population = population
    self.generations = generations
  }

  /// Row, column, and colour of each pixel, all on the scale 0…1.
  private typealias Individual = [Float]

  public func perturb(
    _ x: CropPixels, truth: TrueClass, epsilon: Float, oracle: any GradientOracle,
    using generator: inout SeededGenerator
  ) throws -> CropPixels {
    let pixels = Int(min(epsilon, Float(x.pixelCount)))
    guard pixels > 0 else { return x }
    var best = Lowest(x)
    func margin(_ individual: Individual) throws -> Float {
      let crop = painted(x, individual)
      let logit = try oracle.logit(of: crop)
      best.offer(crop, logit: logit, truth)
      return truth.margin(logit)
    }
    var people: [Individual] = (0..<population).map { _ in (0..<(5 * pixels)).map { _ in generator.uniform() } }
    var margins = try people.map(margin)
    for _ in 0..<generations where !best.isFooled(truth) {
      for index in people.indices where !best.isFooled(truth) {
        let parents = (0..<3).map { _ in people[generator.index(below: population)] }
        // The paper's factor of 0.5, without crossover.
        let child = people[index].indices.map { gene in
          min(max(parents[0][gene] + 0.5 * (parents[1][gene] - parents[2][gene]), 0), 1)
        }
        let value = try margin(child)
        if value < margins[index] { (people[index], margins[index]) = (child, value) }
      }
    }
    return best.crop
  }

  private func painted(_ x: CropPixels, _ individual: Individual) -> CropPixels {
    var crop = x
    for start in stride(from: 0, to: individual.count, by: 5) {
      let row = min(Int(individual[start] * Float(x.height)), x.height - 1)
      let column = min(Int(individual[start + 1] * Float(x.width)), x.width - 1)
      for channel in 0..<3 { crop.values[(row * x.width + column) * 3 + channel] = individual[start + 2 + channel] }
    }
    return crop
  }
}
