import Testing

@testable import Datasets

@Suite("Batch order")
struct BatchOrderTests {
  /// 20 real and 80 fake items among others that are not drawn.
  private static let labels: [Label] = (0..<120).map { $0 % 5 == 0 ? .real : .fake }
  private static let indices = Array(0..<100)

  @Test("as is: each item once, in a different order per epoch, seeded")
  func asIs() {
    let order = BatchOrder(labels: Self.labels, indices: Self.indices, seed: 1)
    #expect(order.epoch(0).sorted() == Self.indices)
    #expect(order.epoch(0) != order.epoch(1))
    #expect(order.epoch(1) == BatchOrder(labels: Self.labels, indices: Self.indices, seed: 1).epoch(1))
    #expect(order.epoch(1) != BatchOrder(labels: Self.labels, indices: Self.indices, seed: 2).epoch(1))
  }

  @Test("equal: half real after blending", arguments: [(0.0, 50), (0.2, 63), (0.5, 100), (0.9, 100)])
  func equal(_ blendedFraction: Double, _ reals: Int) {
    let order = BatchOrder(
      labels: Self.labels, indices: Self.indices, balance: .equal(blendedFraction: blendedFraction), seed: 1)
    for epoch in 0..<3 {
      let drawn = order.epoch(epoch)
      #expect(drawn.count == 100)
      #expect(drawn.count { Self.labels[$0] == .real } == reals)
    }
  }

  @Test("equal: over the epochs every item of a class is drawn equally often, up to one")
  func fair() {
    let order = BatchOrder(labels: Self.labels, indices: Self.indices, balance: .equal(blendedFraction: 0), seed: 3)
    var counts = [Int](repeating: 0, count: 100)
    for epoch in 0..<7 { for index in order.epoch(epoch) { counts[index] += 1 } }
    for label in Label.allCases {
      let drawn = Self.indices.filter { Self.labels[$0] == label }.map { counts[$0] }
      #expect((drawn.max() ?? 0) - (drawn.min() ?? 0) <= 1)
    }
  }

  @Test("a single class, or none, is drawn without balancing")
  func oneClass() {
    let order = BatchOrder(labels: Self.labels, indices: [0, 5, 10], balance: .equal(blendedFraction: 0), seed: 1)
    #expect(order.epoch(4).sorted() == [0, 5, 10])
    #expect(BatchOrder(labels: [], indices: [], balance: .equal(blendedFraction: 0), seed: 1).epoch(0).isEmpty)
  }
}
