import Attacks
import Compute
import Testing

@Suite("Input defences")
struct DefenceTests {
  static let defences: [any InputDefence] = [
    BitDepth(bits: 3), MedianFilter(side: 3), RandomResize(least: 80), GaussianNoise(levels: 4),
    DefenceChain([MedianFilter(side: 3), RandomResize(least: 85)]),
  ]
  private let x = CropPixels.middling(width: 14, height: 11)

  @Test("defended crops have the same size, lie in [0, 1], and are deterministic", arguments: 0..<5)
  func keepsShape(_ index: Int) {
    let defence = Self.defences[index]
    let (first, again) = (defence.defended(x, seed: 3), defence.defended(x, seed: 3))
    #expect(first.crop == again.crop && first.crop != x)
    #expect(first.crop.width == 14 && first.crop.height == 11 && first.crop.values.allSatisfy { (0...1).contains($0) })
    #expect((defence.defended(x, seed: 3, draw: 1).crop != first.crop) == defence.isRandom)
    #expect((defence.defended(x, seed: 4).crop != first.crop) == defence.isRandom)
  }

  /// The median picks values and the resizing mixes them: both are linear near the crop.
  @Test("gradients agree with the transformation", arguments: [1, 2, 4])
  func gradients(_ index: Int) {
    let defence = Self.defences[index]
    var generator = SeededGenerator(seed: 8)
    let probe = x.values.map { _ in generator.normal() }
    let direction = x.values.map { _ in generator.normal() }
    // No two values alike, so that it is clear which is the median.
    var x = x
    for i in x.values.indices { x.values[i] = 0.2 + 0.6 * generator.uniform() }
    func value(_ step: Float) -> Double {
      var moved = x
      for i in moved.values.indices { moved.values[i] += step * direction[i] }
      // One draw for all, whatever the crop's values are.
      var draw = SeededGenerator(seed: 5)
      let values = defence.apply(to: moved, using: &draw).crop.values
      return zip(values, probe).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var draw = SeededGenerator(seed: 5)
    let back = defence.apply(to: x, using: &draw).pullBack(probe)
    let expected = zip(back, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    // So little that hardly another value becomes the median.
    let slope = (value(1e-5) - value(-1e-5)) / 2e-5
    #expect(abs(slope - expected) < 0.03 * abs(expected) + 0.05)
  }

  @Test("non-differentiable defences pass gradients through, and clipped values block them")
  func straightThrough() {
    let gradient = x.values.indices.map { Float($0) }
    #expect(BitDepth(bits: 2).defended(x, seed: 1).pullBack(gradient) == gradient)
    let white = CropPixels(width: 2, height: 2, bytes: [UInt8](repeating: 255, count: 12))
    let noisy = GaussianNoise(levels: 10).defended(white, seed: 1)
    let back = noisy.pullBack([Float](repeating: 1, count: 12))
    #expect(zip(back, noisy.crop.values).allSatisfy { $0 == ($1 == 1 ? 0 : 1) })
  }

  @Test("an adaptive attack is stronger than one without knowledge of the defence", arguments: 1..<5)
  func adaptive(_ index: Int) throws {
    let defence = Self.defences[index]
    let bare = LinearOracle(seed: 5, at: x, logit: 1000)
    let defended = DefendedOracle(bare, behind: defence, seed: 1)
    func fall(_ oracle: any GradientOracle) throws -> Float {
      let (crop, _) = try AttackRunner(oracle, eightBit: false).run(
        ProjectedGradient.pgd(.linf, steps: 20), on: x, truth: .fake, epsilon: 0.05, seed: 2, item: 0)
      return try defended.logit(of: x) - defended.logit(of: crop)
    }
    let (unaware, aware) = (try fall(bare), try fall(defended))
    // Noise leaves a linear detector's gradient alone.
    if defence is GaussianNoise { #expect(aware > 0.9 * unaware) } else { #expect(aware > 1.05 * unaware) }
  }
}
