import Attacks
import Compute
import Testing

@Suite("Attacks on a linear model reach the analytic optimum")
struct LinearTests {
  private let x = CropPixels.middling()

  private func proposal(_ id: String, _ oracle: LinearOracle, epsilon: Float, steps: Int? = nil) throws -> CropPixels {
    let attack = try #require(AttackCatalog.attack(id, steps: steps))
    var generator = SeededGenerator(seed: 3)
    let found = try attack.perturb(x, truth: .fake, epsilon: epsilon, oracle: oracle, using: &generator)
    return found
  }

  /// The best perturbation of size ε lowers the logit by ε times the dual norm of the weights.
  @Test(
    "largest decrease of the margin",
    arguments: ["fgsm", "bim", "pgd", "mi-fgsm", "apgd", "apgd-ce", "fgm", "pgd-l2", "apgd-l2"])
  func fixedBudget(id: String) throws {
    // The cross-entropy of a logit of 1000 has no gradient left in 32 bits.
    let logit: Float = id == "apgd-ce" ? 12 : 1000
    let oracle = LinearOracle(seed: 5, at: x, logit: logit)
    let isEuclidean = id.hasSuffix("l2") || id == "fgm"
    let epsilon: Float = isEuclidean ? 0.5 : 0.03
    let moved = try proposal(id, oracle, epsilon: epsilon)
    let dual =
      isEuclidean ? oracle.weights.reduce(0) { $0 + $1 * $1 }.squareRoot() : oracle.weights.reduce(0) { $0 + abs($1) }
    let fall = logit - oracle.logit(of: moved)
    #expect(fall > 0.985 * epsilon * dual, "\(fall) of \(epsilon * dual)")
    let size = PerturbationSize(from: x, to: moved)
    #expect((isEuclidean ? size.l2 : size.linf) <= epsilon * 1.0001)
  }

  @Test(
    "shortest distance to the boundary",
    arguments: [("deepfool", 0.03), ("ddn", 0.05), ("cw", 0.15), ("fab-l2", 0.06)] as [(String, Float)])
  func shortestEuclidean(id: String, slack: Float) throws {
    let oracle = LinearOracle(seed: 6, at: x, logit: 8)
    let moved = try proposal(id, oracle, epsilon: .infinity, steps: 150)
    let best = 8 / oracle.weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let length = PerturbationSize(from: x, to: moved).l2
    #expect(oracle.logit(of: moved) < 0)
    #expect(length < best * (1 + slack), "\(length), at best \(best)")
  }

  @Test("smallest ℓ∞ change")
  func smallestChange() throws {
    let oracle = LinearOracle(seed: 6, at: x, logit: 8)
    let moved = try proposal("fab", oracle, epsilon: .infinity)
    let best = 8 / oracle.weights.reduce(0) { $0 + abs($1) }
    #expect(oracle.logit(of: moved) < 0)
    #expect(PerturbationSize(from: x, to: moved).linf < best * 1.06)
  }

  @Test("smallest number of pixels", arguments: [("jsma", 1.3), ("sigma-zero", 2.5)])
  func fewestPixels(id: String, slack: Double) throws {
    let oracle = LinearOracle(seed: 7, at: x, logit: 10)
    let attack: any Attack =
      id == "jsma" ? JSMA(maximumFraction: 1, pixelsPerStep: 1) : try #require(AttackCatalog.attack(id))
    var generator = SeededGenerator(seed: 3)
    let moved = try attack.perturb(x, truth: .fake, epsilon: .infinity, oracle: oracle, using: &generator)
    // The pixels that promise most, taken one after the other, are the fewest that can do it.
    let promises = (0..<x.pixelCount).map { pixel in
      (3 * pixel..<3 * pixel + 3).reduce(Float(0)) { sum, place in
        let weight = oracle.weights[place]
        return sum + (weight > 0 ? weight * x.values[place] : -weight * (1 - x.values[place]))
      }
    }.sorted(by: >)
    var (sum, fewest): (Float, Int) = (0, 0)
    while sum <= 10 { (sum, fewest) = (sum + promises[fewest], fewest + 1) }
    #expect(oracle.logit(of: moved) < 0)
    let count = PerturbationSize(from: x, to: moved).l0
    #expect(Double(count) <= Double(fewest) * slack, "\(count), at best \(fewest)")
  }

  @Test("black-box attacks reach a good part of the optimum", arguments: ["square", "nes", "spsa"])
  func blackBox(id: String) throws {
    let oracle = LinearOracle(seed: 8, at: x, logit: 1000)
    let moved = try proposal(id, oracle, epsilon: 0.03)
    let fall = 1000 - oracle.logit(of: moved)
    #expect(oracle.gradients == 0)
    #expect(fall > 0.4 * 0.03 * oracle.weights.reduce(0) { $0 + abs($1) })
  }

  /// A linear detector that is the same everywhere near the crop: its gradient says nothing there.
  private final class Plateau: GradientOracle {
    let linear: LinearOracle
    let centre: CropPixels
    let reach: Float
    var queries: Int { linear.queries }
    var gradients: Int { linear.gradients }

    init(_ linear: LinearOracle, around centre: CropPixels, reach: Float) {
      (self.linear, self.centre, self.reach) = (linear, centre, reach)
    }

    private func isFlat(_ x: CropPixels) -> Bool { PerturbationSize(from: centre, to: x).l2 < reach }

    func logit(of x: CropPixels) -> Float { isFlat(x) ? linear.logit(of: centre) : linear.logit(of: x) }

    func gradient(at x: CropPixels) -> (logit: Float, gradient: [Float]) {
      guard isFlat(x) else { return linear.gradient(at: x) }
      return (linear.gradient(at: centre).logit, linear.weights.map { _ in 0 })
    }
  }

  @Test("attacks leave regions of zero gradient", arguments: ["bim", "pgd-l2", "apgd", "ddn"])
  func plateau(id: String) throws {
    let oracle = Plateau(LinearOracle(seed: 5, at: x, logit: 1), around: x, reach: 0.2)
    let attack = try #require(AttackCatalog.attack(id))
    let epsilon: Float = attack.norm == .linf ? 0.1 : 3
    let (_, outcome) = try AttackRunner(oracle).run(attack, on: x, truth: .fake, epsilon: epsilon, seed: 1, item: 0)
    #expect(outcome.isSuccess)
  }
}
