import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite("Splits by source")
struct SplitTests {
  /// 200 groups of 1 to 5 items, real ones and fakes of two methods, one of them rare.
  private static let items: [LabelledItem] = (0..<200).flatMap { group in
    (0..<(1 + group % 5)).map { index in
      let method = index == 0 ? "real" : group % 7 == 0 ? "rare" : "common"
      return item("\(group)-\(index)", group: "g\(group)", method: method)
    }
  }

  private static func item(
    _ path: String, group: String, kin: [String] = [], border: String? = nil, fixed: Part? = nil,
    method: String = "real"
  ) -> LabelledItem {
    LabelledItem(
      path: path, label: method == "real" ? .real : .fake, group: group, kin: kin, borderGroup: border,
      fixedPart: fixed, method: method, dataset: "set", kind: .video)
  }

  @Test(
    "every stratum is divided 60/20/20 within 2 % or two groups", arguments: [1, 2, 3] as [UInt64])
  func strata(seed: UInt64) throws {
    let split = try Split.make(Self.items, seed: seed)
    for method in ["real", "rare", "common"] {
      let items = Self.items.filter { $0.method == method }
      for (part, fraction) in [(Part.train, 0.6), (.validation, 0.2), (.test, 0.2)] {
        let count = Double(split.indices(of: part, in: items).count)
        #expect(abs(count - fraction * Double(items.count)) <= max(0.02 * Double(items.count), 5), "\(method) \(part)")
      }
    }
    #expect(split.leaks(in: Self.items).isEmpty)
  }

  @Test("the split depends on the seed, not on the order of equal groups")
  func seeded() throws {
    let split = try Split.make(Self.items, seed: 5)
    #expect(try Split.make(Self.items, seed: 5) == split)
    #expect(try Split.make(Self.items.reversed(), seed: 5) == split)
    #expect(try Split.make(Self.items, seed: 6) != split)
  }

  @Test("groups that occur in one item stay together, also transitively")
  func kin() throws {
    var items = Self.items
    for group in 0..<20 { items.append(Self.item("k\(group)", group: "g\(group)", kin: ["g\(group + 1)"])) }
    let split = try Split.make(items, seed: 1)
    #expect(Set((0...20).map { split.parts["g\($0)"] }).count == 1)
    #expect(split.leaks(in: items).isEmpty)
  }

  @Test("an item between two groups is excluded only if they are in different parts")
  func border() throws {
    let split = Split(seed: 0, fractions: .standard, parts: ["a": .train, "b": .train, "c": .test])
    #expect(split.part(of: Self.item("x", group: "a", border: "b")) == .train)
    #expect(split.part(of: Self.item("x", group: "b", border: "c")) == nil)
    #expect(split.part(of: Self.item("x", group: "d")) == nil)
  }

  @Test("a prescribed test part is kept, with all related groups")
  func fixed() throws {
    var items = Self.items
    items.append(Self.item("t", group: "t0", fixed: .test))
    items.append(Self.item("u", group: "g3", kin: ["t0"]))
    let split = try Split.make(items, seed: 1)
    #expect(split.parts["t0"] == .test)
    #expect(split.parts["g3"] == .test)
  }

  @Test("two prescribed parts in one source are an error that can be allowed")
  func conflict() throws {
    let items = [
      Self.item("a", group: "a", fixed: .test), Self.item("b", group: "b", fixed: .train),
      Self.item("c", group: "a", kin: ["b"]),
    ]
    let error = #expect(throws: DatasetsError.self) { try Split.make(items, seed: 1) }
    guard case .leakage(let problems) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problems.count == 1)
    #expect(problems.allSatisfy { $0.kind == .leakage })
    let split = try Split.make(items, seed: 1, allowsLeakage: true)
    #expect(split.parts == ["a": .test, "b": .test])
    #expect(split.leaks(in: items).count == 1)
  }

  @Test("leaks of an external split are found")
  func leaks() {
    let split = Split(seed: 0, fractions: .standard, parts: ["a": .train, "b": .test])
    let problems = split.leaks(in: [Self.item("x", group: "a", kin: ["b"]), Self.item("y", group: "a", kin: ["b"])])
    #expect(problems.map(\.kind) == [.leakage])
  }

  @Test("a split is written and read again; damage is an error")
  func file() throws {
    let folder = try FileTree(["bad.json": "{}"])
    let split = try Split.make(Self.items, seed: 9)
    try split.write(to: folder.path + "/split.json")
    #expect(try Split(path: folder.path + "/split.json") == split)
    #expect(throws: DatasetsError.self) { try Split(path: folder.path + "/bad.json") }
    #expect(throws: DatasetsError.self) { try Split(path: folder.path + "/none.json") }
    #expect(throws: DatasetsError.self) { try Split.make([], seed: 1) }
  }

  @Test("the table counts every item once")
  func table() throws {
    let items = [
      Self.item("x", group: "a"), Self.item("y", group: "b", method: "swap"), Self.item("z", group: "b", border: "a"),
    ]
    let table = Split(seed: 0, fractions: .standard, parts: ["a": .train, "b": .test]).table(of: items)
    let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows[1] == ["fake", "set", "swap", "0", "0", "1", "0"])
    #expect(rows[2] == ["real", "set", "real", "1", "0", "0", "1"])
    #expect(rows[3] == ["sources", "1", "0", "1"])
  }
}
