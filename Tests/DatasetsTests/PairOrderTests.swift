import Testing

@testable import Datasets

@Suite("Training in pairs")
struct PairOrderTests {
  /// Data set a: 12 sources with one real and three fake crops each; b: 4 sources, the last one without fakes.
  private static let items: [LabelledItem] = {
    func item(_ dataset: String, _ source: Int, _ label: Label, _ number: Int) -> LabelledItem {
      LabelledItem(
        path: "\(dataset)/\(source)/\(label)\(number).png", label: label, group: "\(dataset):\(source)",
        method: label == .real ? LabelledItem.realMethod : "swap", dataset: dataset, kind: .picture)
    }
    let a = (0..<12).flatMap { source in
      [item("a", source, .real, 0)] + (0..<3).map { item("a", source, .fake, $0) }
    }
    let b = (0..<4).flatMap { source in
      [item("b", source, .real, 0), item("b", source, .real, 1)] + (source < 3 ? [item("b", source, .fake, 0)] : [])
    }
    return a + b
  }()

  private static func order(
    mix: [String: Double] = [:], blendedFraction: Double = 0, seed: UInt64 = 1
  ) throws -> PairOrder {
    try PairOrder(
      items: items, indices: Array(items.indices), mix: mix, blendedFraction: blendedFraction, seed: seed)
  }

  @Test("a real crop alternates with a fake of the same source, seeded")
  func pairs() throws {
    let order = try Self.order()
    let draws = order.epoch(0, pairs: 200)
    #expect(draws.count == 400)
    for pair in stride(from: 0, to: draws.count, by: 2) {
      let (real, fake) = (Self.items[draws[pair].crop], Self.items[draws[pair + 1].crop])
      #expect(real.label == .real && fake.label == .fake && real.dataset == fake.dataset)
      #expect(real.group == fake.group || real.group == "b:3")
    }
    #expect(draws == (try Self.order()).epoch(0, pairs: 200))
    #expect(draws != order.epoch(1, pairs: 200))
    #expect(draws != (try Self.order(seed: 2)).epoch(0, pairs: 200))
  }

  @Test("epochs continue: two of 100 pairs are one of 200")
  func continuity() throws {
    let order = try Self.order()
    #expect(order.epoch(0, pairs: 100) + order.epoch(1, pairs: 100) == order.epoch(0, pairs: 200))
  }

  @Test("the mix decides the data sets", arguments: [(3.0, 1.0, 0.75), (0.0, 1.0, 0.0)])
  func mix(_ a: Double, _ b: Double, _ fraction: Double) throws {
    let draws = try Self.order(mix: ["a": a, "b": b]).epoch(0, pairs: 2000)
    let found = Double(draws.count { Self.items[$0.crop].dataset == "a" }) / Double(draws.count)
    #expect(abs(found - fraction) < 0.04)
  }

  @Test("sources of a data set come equally often")
  func sources() throws {
    let draws = try Self.order(mix: ["a": 1]).epoch(0, pairs: 120)
    let counts = Dictionary(grouping: draws, by: { Self.items[$0.crop].group }).mapValues(\.count)
    #expect(counts.count == 12 && counts.values.allSatisfy { $0 == 20 })
  }

  @Test("half of the pairs have the same augmentation, which differs between pairs")
  func streams() throws {
    let draws = try Self.order().epoch(3, pairs: 1000)
    let alike = stride(from: 0, to: draws.count, by: 2).count { draws[$0].stream == draws[$0 + 1].stream }
    #expect((430...570).contains(alike))
    #expect(Set(draws.map(\.stream)).count == 2000 - alike)
  }

  @Test("self-blended fakes are made from the pair's own real crop")
  func blended() throws {
    let draws = try Self.order(blendedFraction: 0.25).epoch(0, pairs: 1000)
    let blended = draws.indices.filter { draws[$0].blends == true }
    #expect((200...300).contains(blended.count))
    #expect(blended.allSatisfy { $0 % 2 == 1 && draws[$0].crop == draws[$0 - 1].crop })
    #expect(draws.indices.allSatisfy { $0 % 2 == 1 || draws[$0].blends == false })
  }

  @Test("a data set that is unknown or lacks a class is refused")
  func refused() throws {
    #expect(throws: DatasetsError.self) { try Self.order(mix: ["c": 1]) }
    let fakes = Self.items.indices.filter { Self.items[$0].label == .fake }
    #expect(throws: DatasetsError.self) {
      try PairOrder(items: Self.items, indices: fakes, blendedFraction: 0, seed: 1)
    }
  }

  @Test("the chain blends if and only if a draw requests it")
  func forcedBlending() {
    let chain = AugmentationChain.standard(blendedFraction: 0)
    let crop = AugmentationTests.picture()
    for item in 0..<10 {
      #expect(chain.label(after: .real, seed: 1, epoch: 0, item: item, blends: true) == .fake)
      let (_, label) = chain.apply(to: crop, label: .real, seed: 1, epoch: 0, item: item, blends: true)
      #expect(label == .fake)
    }
    let always = AugmentationChain.standard(blendedFraction: 1)
    #expect(always.label(after: .real, seed: 1, epoch: 0, item: 0, blends: false) == .real)
  }
}
