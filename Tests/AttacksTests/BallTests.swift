import Attacks
import Compute
import NeuralNet
import Testing

@Suite("Every attack keeps its budget")
struct BallTests {
  /// A small convolutional network on 16×16 crops.
  private static func network() -> Network {
    var build = NetworkBuilder(inputShape: [3, 16, 16], seed: 4)
    build.convolution("conv1", channels: 8, kernel: 3)
    build.relu("relu1")
    build.maxPool("pool1", 2)
    build.convolution("conv2", channels: 8, kernel: 3)
    build.relu("relu2")
    build.flatten("flat")
    build.linear("logit", features: 1)
    return build.network
  }

  private static func oracle(for x: CropPixels) throws -> NetworkOracle {
    // The boundary lies a little below the crop's logit: it counts as fake, and not by far.
    let mean: [Float] = [0.5, 0.5, 0.5]
    let standardDeviation: [Float] = [0.25, 0.25, 0.25]
    let raw = try NetworkOracle(network(), mean: mean, standardDeviation: standardDeviation).logit(of: x)
    return try NetworkOracle(network(), mean: mean, standardDeviation: standardDeviation, boundary: raw - 0.05)
  }

  private static func budget(_ norm: Norm) -> Float {
    switch norm {
    case .linf: 8.0 / 255
    case .l2: 1
    case .l0: 12
    }
  }

  @Test("results lie in the ball and in [0, 1], have 8-bit values, and are seeded", arguments: AttackCatalog.names)
  func inside(id: String) throws {
    let attack = try #require(AttackCatalog.attack(id, steps: 8))
    for seed in 0..<2 {
      var generator = SeededGenerator(seed: UInt64(40 + seed))
      // Black, white and everything between: the ends of the range must hold too.
      let bytes = (0..<(16 * 16 * 3)).map { _ in [0, 255, UInt8(generator.next() >> 56)][generator.index(below: 3)] }
      let x = CropPixels(width: 16, height: 16, bytes: bytes)
      let oracle = try Self.oracle(for: x)
      let epsilon = Self.budget(attack.norm)
      let runner = AttackRunner(oracle)
      let (crop, outcome) = try runner.run(attack, on: x, truth: .fake, epsilon: epsilon, seed: 9, item: seed)
      #expect(outcome.size[attack.norm] <= epsilon * 1.00001, "\(outcome.size)")
      #expect(crop.values.allSatisfy { (0...1).contains($0) && abs($0 * 255 - ($0 * 255).rounded()) < 1e-3 })
      #expect(outcome.isInitiallyCorrect)
      #expect(outcome.isSuccess == (outcome.perturbedLogit < 0))
      #expect(attack.isWhiteBox || outcome.gradients == 0)
      #expect(outcome.queries + outcome.gradients > 0)
      #expect(try Self.oracle(for: x).logit(of: crop) == outcome.perturbedLogit)
      let again = try AttackRunner(Self.oracle(for: x))
        .run(attack, on: x, truth: .fake, epsilon: epsilon, seed: 9, item: seed)
      #expect(again.crop == crop)
    }
  }

  @Test(
    "one search serves several budgets as well as separate searches",
    arguments: ["deepfool", "ddn", "cw", "sigma-zero", "hopskipjump", "fab", "jsma", "pgd"])
  func oneSearch(id: String) throws {
    let attack = try #require(AttackCatalog.attack(id, steps: 8))
    let x = CropPixels.middling(width: 16, height: 16)
    let budgets: [Float?] = [0, 0.25, 1, 4].map { $0 * Self.budget(attack.norm) }
    let oracle = try Self.oracle(for: x)
    let together = try AttackRunner(oracle).run(attack, on: x, truth: .fake, epsilons: budgets, seed: 3, item: 5)
    let paid = oracle.queries + oracle.gradients
    var alone = 0
    for (budget, found) in zip(budgets, together) {
      let oracle = try Self.oracle(for: x)
      let (crop, outcome) = try AttackRunner(oracle).run(
        attack, on: x, truth: .fake, epsilon: budget, seed: 3, item: 5)
      alone += oracle.queries + oracle.gradients
      #expect(crop == found.crop)
      #expect(outcome.isSuccess == found.outcome.isSuccess)
      #expect(outcome.queries == found.outcome.queries && outcome.gradients == found.outcome.gradients)
    }
    #expect(attack.usesBudget ? paid == alone : paid < alone)
  }

  @Test("8-bit rounding uses the whole ℓ2 budget", arguments: [0.1, 0.3, 1, 40] as [Float])
  func wholeLevels(radius: Float) {
    var generator = SeededGenerator(seed: 3)
    let x = CropPixels.middling(width: 32, height: 32)
    let ball = NormBall(.l2, radius: radius, around: x)
    for isUniform in [false, true] {
      var moved = x
      for i in moved.values.indices { moved.values[i] += isUniform ? (i % 2 == 0 ? 1 : -1) : generator.normal() }
      ball.project(&moved)
      let best = ball.eightBit(moved).map { crop -> (size: Float, product: Float) in
        #expect(crop.values.allSatisfy { (0...1).contains($0) && abs($0 * 255 - ($0 * 255).rounded()) < 1e-3 })
        let product = crop.values.indices.reduce(Float(0)) {
          $0 + (crop.values[$1] - x.values[$1]) * (moved.values[$1] - x.values[$1])
        }
        return (PerturbationSize(from: x, to: crop).l2, product)
      }.max { $0.product < $1.product }
      let size = best?.size ?? .nan
      #expect(size <= radius * 1.00001 && (size > 0.95 * radius || radius == 40), "\(isUniform): \(size)")
      // The strongest of normally distributed changes: at a radius of 0.1, 650 levels for 3 072 values.
      #expect((best?.product ?? 0) > (isUniform ? 0.4 : 0.6) * radius * min(radius, 5), "\(isUniform)")
    }
  }

  @Test("ℓ2 attacks keep most of their strength after rounding", arguments: ["fgm", "pgd-l2", "apgd-l2", "auto-l2"])
  func roundedStrength(id: String) throws {
    let attack = try #require(AttackCatalog.attack(id, steps: 10))
    let x = CropPixels.middling(width: 32, height: 32)
    func fall(eightBit: Bool) throws -> Float {
      let oracle = LinearOracle(seed: 5, at: x, logit: 1000)
      let outcome = try AttackRunner(oracle, eightBit: eightBit)
        .run(attack, on: x, truth: .fake, epsilon: 0.1, seed: 1, item: 0).outcome
      return outcome.cleanLogit - outcome.perturbedLogit
    }
    #expect(try fall(eightBit: true) > 0.7 * fall(eightBit: false))
  }

  @Test("without rounding, values are unchanged but still in the ball")
  func float() throws {
    let x = CropPixels.middling(width: 16, height: 16)
    let (crop, outcome) = try AttackRunner(Self.oracle(for: x), eightBit: false)
      .run(ProjectedGradient.pgd(.l2), on: x, truth: .fake, epsilon: 0.3, seed: 1, item: 0)
    #expect(outcome.size.l2 <= 0.3 * 1.00001 && outcome.size.l2 > 0)
    #expect(crop.values.contains { abs($0 * 255 - ($0 * 255).rounded()) > 0.01 })
  }

  @Test("a single step works for all attacks, even those that need more")
  func oneStep() {
    #expect(AttackCatalog.all(steps: 1).map(\.id) == AttackCatalog.names)
  }

  @Test("a budget of 0 changes nothing", arguments: AttackCatalog.names)
  func nothing(id: String) throws {
    let attack = try #require(AttackCatalog.attack(id, steps: 4))
    let x = CropPixels.middling(width: 16, height: 16)
    let (crop, outcome) = try AttackRunner(Self.oracle(for: x))
      .run(attack, on: x, truth: .fake, epsilon: 0, seed: 1, item: 0)
    #expect(crop == x)
    #expect(!outcome.isSuccess)
  }

  @Test(
    "real crops are attacked as well as fake ones",
    arguments: ["pgd", "apgd-l2", "deepfool", "square"])
  func bothWays(id: String) throws {
    let attack = try #require(AttackCatalog.attack(id))
    let x = CropPixels.middling(width: 16, height: 16)
    let raw = try NetworkOracle(Self.network(), mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25]).logit(
      of: x)
    for (truth, boundary) in [(TrueClass.fake, raw - 0.2), (.real, raw + 0.2)] {
      let oracle = try NetworkOracle(
        Self.network(), mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25], boundary: boundary)
      let epsilon: Float = attack.norm == .linf ? 0.1 : 4
      let (_, outcome) = try AttackRunner(oracle).run(attack, on: x, truth: truth, epsilon: epsilon, seed: 2, item: 0)
      #expect(outcome.isSuccess, "\(truth): \(outcome)")
    }
  }

  @Test("an initially misclassified crop is not attacked and does not count as a success")
  func alreadyWrong() throws {
    let x = CropPixels.middling(width: 16, height: 16)
    let (crop, outcome) = try AttackRunner(Self.oracle(for: x))
      .run(FastGradient(), on: x, truth: .real, epsilon: 0.1, seed: 1, item: 0)
    #expect(crop == x)
    #expect(!outcome.isInitiallyCorrect && !outcome.isSuccess)
  }

  @Test("the oracle's gradient is that of the network's logit")
  func gradient() throws {
    let x = CropPixels.middling(width: 16, height: 16)
    let oracle = try Self.oracle(for: x)
    let (logit, gradient) = try oracle.gradient(at: x)
    #expect(abs(logit - 0.05) < 1e-4)
    var generator = SeededGenerator(seed: 1)
    let direction = x.values.map { _ in generator.normal() }
    func moved(_ step: Float) -> CropPixels {
      var y = x
      for i in y.values.indices { y.values[i] += step * direction[i] }
      return y
    }
    let slope = try (oracle.logit(of: moved(1e-3)) - oracle.logit(of: moved(-1e-3))) / 2e-3
    let expected = zip(gradient, direction).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    #expect(abs(slope - expected) < 0.02 * abs(expected) + 1e-3)
  }

  @Test("a transferred perturbation is judged by the target model")
  func transfer() throws {
    let x = CropPixels.middling(width: 16, height: 16)
    let (surrogate, target) = (try Self.oracle(for: x), try Self.oracle(for: x))
    let runner = AttackRunner(EnsembleOracle([surrogate]), judgedBy: target)
    let (_, outcome) = try runner.run(ProjectedGradient.pgd(), on: x, truth: .fake, epsilon: 0.1, seed: 1, item: 0)
    #expect(outcome.isSuccess)
    #expect(target.gradients == 0 && surrogate.gradients > 0)
  }

  @Test(
    "an attack continues until the judging model is fooled, not only its own oracle",
    arguments: ["pgd", "apgd", "square"])
  func farTransfer(id: String) throws {
    let attack = try #require(AttackCatalog.attack(id, steps: 20))
    let x = CropPixels.middling(width: 16, height: 16)
    let mean: [Float] = [0.5, 0.5, 0.5]
    let standardDeviation: [Float] = [0.25, 0.25, 0.25]
    let raw = try NetworkOracle(Self.network(), mean: mean, standardDeviation: standardDeviation).logit(of: x)
    func oracle(_ margin: Float) throws -> NetworkOracle {
      try NetworkOracle(Self.network(), mean: mean, standardDeviation: standardDeviation, boundary: raw - margin)
    }
    // What is just across the boundary of the one is far from that of the other.
    let alone = try AttackRunner(oracle(1)).run(attack, on: x, truth: .fake, epsilon: 0.1, seed: 1, item: 0).outcome
    let both = try AttackRunner(oracle(0.02), judgedBy: oracle(1))
      .run(attack, on: x, truth: .fake, epsilon: 0.1, seed: 1, item: 0).outcome
    #expect(alone.isSuccess && both.isSuccess)
    // Those who ask how far a logit can be moved get more than a step across the boundary.
    let far = try AttackRunner(oracle(0.02), goesOn: true)
      .run(attack, on: x, truth: .fake, epsilon: 0.1, seed: 1, item: 0).outcome
    #expect(far.isSuccess && far.perturbedLogit - far.cleanLogit < -1)
  }
}
