import Compute
import Testing

@testable import Metrics

@Suite("Population stability index, sign test")
struct PopulationStabilityTests {
  @Test("is 0 for equal distributions, symmetric, and agrees with the formula worked out in Python")
  func values() throws {
    #expect(PopulationStability.index(reference: [3, 5, 0], current: [3, 5, 0]) == 0)
    #expect(PopulationStability.index(reference: [0, 0], current: [1, 2]) == nil)
    let index = try #require(PopulationStability.index(reference: [10, 20, 30, 40], current: [40, 30, 20, 10]))
    #expect(abs(index - 0.871_977) < 1e-6)
    let back = try #require(PopulationStability.index(reference: [40, 30, 20, 10], current: [10, 20, 30, 40]))
    #expect(abs(index - back) < 1e-12)
  }

  @Test(
    "samples of one distribution exceed the noise about once in a thousand times", arguments: [(60, 200), (500, 500)])
  func noise(first: Int, second: Int) throws {
    var generator = SeededGenerator(seed: UInt64(first))
    func sample(_ count: Int) -> [Int] {
      PopulationStability.deciles((0..<count).map { _ in Double(generator.uniform()) })
    }
    let limit = PopulationStability.noise(bins: 10, counts: (first, second))
    let above = try (0..<3000).count { _ in
      try #require(PopulationStability.index(reference: sample(second), current: sample(first))) > limit
    }
    #expect(above <= 15, "\(above) of 3000")
    // And it is not so high that nothing exceeds half of it.
    let half = try (0..<3000).count { _ in
      try #require(PopulationStability.index(reference: sample(second), current: sample(first))) > limit / 2
    }
    #expect(half > 60, "\(half) of 3000")
  }

  @Test("tenths hold both ends")
  func deciles() {
    #expect(PopulationStability.deciles([0, 0.05, 0.1, 0.999, 1]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2])
  }

  @Test("the sign test is the exact binomial one")
  func sign() {
    #expect(SignTest.probability(0, 0) == 1)
    #expect(abs(SignTest.probability(8, 2) - 0.109_375) < 1e-9)
    #expect(abs(SignTest.probability(2, 8) - 0.109_375) < 1e-9)
    #expect(SignTest.probability(5, 5) == 1)
    #expect(abs(SignTest.probability(0, 10) - 2.0 / 1024) < 1e-12)
  }
}
