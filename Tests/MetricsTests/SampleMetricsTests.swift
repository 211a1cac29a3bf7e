import Metrics
import Testing

/// Two tables of features that Python made too.
struct SampleCase: Sendable, CustomTestStringConvertible {
  let first: Int
  let second: Int
  let width: Int
  let shift: Double
  let scale: Double
  let seed: UInt64
  let frechet: Double
  let precision: Double
  let recall: Double

  var testDescription: String { "\(first) and \(second) rows of \(width)" }

  var tables: (FeatureTable, FeatureTable) {
    let second = Self.draw(second, width, seed: seed + 100).map { shift + scale * $0 }
    return (
      FeatureTable(width: width, values: Self.draw(first, width, seed: seed)),
      FeatureTable(width: width, values: second)
    )
  }

  private static func draw(_ rows: Int, _ width: Int, seed: UInt64) -> [Double] {
    var state = seed
    let raw = (0..<(rows * width)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) * 0x1p-24
    }
    return raw.indices.map { index in
      let (row, column) = (index / width, index % width)
      return raw[index] + 0.5 * raw[row * width + (column + width - 1) % width]
    }
  }
}

@Suite("Metrics of generated pictures")
struct SampleMetricsTests {
  @Test("the Fréchet distance equals scipy's", arguments: GoldenSamples.cases)
  func frechet(_ c: SampleCase) throws {
    let (first, second) = c.tables
    let distance = try #require(try FrechetDistance.between(first, second))
    // The last case has fewer rows than features: its covariances are singular, and scipy's root is the less exact one.
    #expect(abs(distance - c.frechet) < 1e-5 * max(1, c.frechet), "\(distance)")
    let back = try #require(try FrechetDistance.between(second, first))
    #expect(abs(distance - back) < 1e-6)
    let none = try #require(try FrechetDistance.between(first, first))
    #expect(abs(none) < 1e-6)
    #expect(try FrechetDistance.between(first.selecting([0]), second) == nil)
  }

  @Test("precision and recall equal numpy's", arguments: GoldenSamples.cases)
  func manifolds(_ c: SampleCase) {
    let (first, second) = c.tables
    func fraction(_ table: FeatureTable, in other: FeatureTable) -> Double {
      let inside = SampleManifold(of: other, neighbours: 3).contains(table)
      return Double(inside.count { $0 }) / Double(inside.count)
    }
    #expect(abs(fraction(first, in: second) - c.precision) < 1e-12)
    #expect(abs(fraction(second, in: first) - c.recall) < 1e-12)
  }

  @Test("a manifold contains its own rows, and nothing far away")
  func ownRows() {
    let (first, _) = GoldenSamples.cases[0].tables
    let manifold = SampleManifold(of: first)
    #expect(manifold.contains(first).allSatisfy { $0 })
    let far = FeatureTable(width: first.width, values: first.values.map { $0 + 100 })
    #expect(!manifold.contains(far).contains(true))
  }

  @Test("the jackknife of a mean equals its classical interval")
  func jackknife() throws {
    let values = (0..<10).map { Double($0 * $0) }
    let mean = values.reduce(0, +) / 10
    let interval = try #require(
      Jackknife.interval(of: mean, sources: 10) { group in (values.reduce(0, +) - values[group]) / 9 })
    // Student's interval of ten values: t · s / √10.
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9).squareRoot()
    #expect(abs(interval.upper - mean - 2.2621571628 * deviation / 10.0.squareRoot()) < 1e-9)
    #expect(abs(interval.upper + interval.lower - 2 * mean) < 1e-9)
    #expect(Jackknife.interval(of: 1, sources: 10) { $0 == 4 ? nil : 1 } == nil)
  }
}
