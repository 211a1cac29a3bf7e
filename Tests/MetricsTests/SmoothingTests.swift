import Metrics
import Testing

@Suite("Randomised smoothing")
struct SmoothingTests {
  /// Of clopper_pearson_golden.py: successes, trials, α, lower bound.
  static let bounds: [(Int, Int, Double, Double)] = [
    (0, 10, 0.05, 0.0),
    (10, 10, 0.05, 0.7411344491069477),
    (1, 10, 0.05, 0.005116196891823701),
    (9, 10, 0.001, 0.37627691091117454),
    (55, 100, 0.05, 0.4628896013505245),
    (990, 1000, 0.001, 0.9760361871553114),
    (999, 1000, 0.001, 0.9908045023646124),
    (1000, 1000, 0.001, 0.9931160484209338),
    (600, 1000, 0.001, 0.5510754739370525),
    (99990, 100_000, 0.001, 0.9997586773435911),
    (7, 1000, 1e-06, 0.0005011984330338776),
  ]

  @Test("exact lower bounds of proportions", arguments: bounds)
  func lowerBound(successes: Int, trials: Int, alpha: Double, expected: Double) {
    let bound = ClopperPearson.lowerBound(successes: successes, trials: trials, alpha: alpha)
    #expect(abs(bound - expected) <= 1e-9 * expected)
  }

  @Test(
    "quantiles of the normal distribution",
    arguments: [
      (1e-12, -7.034483825301131), (0.001, -3.090232306167813), (0.02, -2.053748910631823), (0.3, -0.5244005127080409),
      (0.5, 0), (0.75, 0.6744897501960817), (0.975, 1.959963984540054), (0.9931, 2.462427681383197),
      (1 - 1e-9, 5.997807019601637),
    ] as [(Double, Double)])
  func quantile(fraction: Double, expected: Double) {
    #expect(abs(NormalDistribution.quantile(fraction) - expected) < 1e-7 * max(1, abs(expected)))
  }

  @Test("unanimous votes are certified up to the limit of the copies, split votes not at all")
  func extremes() {
    let smoothing = Smoothing(sigma: 0.5, choosingSamples: 10, samples: 1000, alpha: 0.001)
    let sure = smoothing.certificate { $0 }
    #expect(sure.isFake == true && sure.radius == smoothing.greatestRadius)
    #expect(abs(sure.radius - 0.5 * 2.4632) < 1e-3)
    #expect(smoothing.certificate { _ in 0 } == .init(isFake: false, radius: sure.radius))
    #expect(smoothing.certificate { $0 / 2 } == .init(isFake: nil, radius: 0))
    // 540 of 1000 are too few at this α.
    #expect(smoothing.certificate { $0 == 10 ? 6 : 540 }.isFake == nil)
  }
}
