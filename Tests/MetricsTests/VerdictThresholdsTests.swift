import Testing

@testable import Metrics

@Suite("Thresholds from real items")
struct VerdictThresholdsTests {
  /// 0, 1/n, … of n items.
  private static func even(_ count: Int, upTo top: Double) -> [Double] {
    (0..<count).map { top * Double($0) / Double(count) }
  }

  @Test("in each data set, at most 2 % are fake and 10 % undecided; the worst one decides")
  func worstGroup() throws {
    let groups = ["easy": Self.even(1000, upTo: 0.3), "hard": Self.even(400, upTo: 0.9)]
    let found = try #require(VerdictThresholds(realScores: groups))
    for (name, scores) in groups {
      #expect(scores.count { $0 >= found.fake } <= scores.count / 50, "\(name)")
      #expect(scores.count { $0 >= found.real && $0 < found.fake } <= scores.count / 10, "\(name)")
    }
    // 8 of the 400 hard ones may be fake, 40 more undecided.
    #expect(groups["hard"]?.count { $0 >= found.fake } == 8)
    #expect(groups["hard"]?.count { $0 >= found.real } == 48)
  }

  @Test("data sets with few real items are merged")
  func smallGroups() throws {
    let common = ["large": Self.even(1000, upTo: 0.5)]
    let few = common.merging(["few": [0.1, 0.95], "more": Self.even(60, upTo: 0.5)]) { one, _ in one }
    let found = try #require(VerdictThresholds(realScores: few))
    #expect(found.fake > 0.95 && found.real <= found.fake)
    #expect(VerdictThresholds(realScores: [:]) == nil)
  }

  @Test("equal scores are not separated")
  func ties() throws {
    let found = try #require(VerdictThresholds(realScores: ["a": [Double](repeating: 0.7, count: 100)]))
    #expect(found.fake > 0.7 && found.fake < 0.7002 && found.real <= found.fake)
  }
}
