import Testing

@testable import Reports

@Suite("Axes")
struct AxisScaleTests {
  @Test(
    "linear ticks",
    arguments: [
      (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (0, 0.07, ["0.00", "0.01", "0.02", "0.03", "0.04", "0.05", "0.06", "0.07"]),
      (-50, 150, ["-50", "0", "50", "100", "150"]), (1, 14, ["2", "4", "6", "8", "10", "12", "14"]),
    ] as [(Double, Double, [String])])
  func linear(low: Double, high: Double, labels: [String]) {
    let scale = AxisScale(low...high)
    #expect(scale.ticks.map(\.label) == labels)
    #expect(scale.ticks.allSatisfy { (low - 1e-9...high + 1e-9).contains($0.value) })
  }

  @Test("logarithmic ticks are powers of ten")
  func logarithmic() {
    let scale = AxisScale(covering: [0.00002, 0.5, 30_000, -1], .logarithmic)
    #expect(scale.range == 0.00001...100_000)
    #expect(
      scale.ticks.map(\.label) == ["1e-5", "1e-4", "0.001", "0.01", "0.1", "1", "10", "100", "1000", "10000", "1e5"])
    #expect(abs(scale.fraction(1) - 0.5) < 1e-12)
    #expect(scale.fraction(0) == 0)
  }

  @Test(
    "the scale contains all values",
    arguments: [[0.31, 0.69], [5, 5, 5], [-3.2, 1e6], [], [.nan, 2]] as [[Double]])
  func covering(values: [Double]) {
    let scale = AxisScale(covering: values)
    for value in values where value.isFinite { #expect(scale.range.contains(value)) }
    #expect((3...12).contains(scale.ticks.count))
  }

  @Test("values outside are clamped")
  func clamped() {
    let scale = AxisScale(2...4)
    #expect([1, 2, 3, 5].map(scale.fraction) == [0, 0, 0.5, 1])
  }
}
