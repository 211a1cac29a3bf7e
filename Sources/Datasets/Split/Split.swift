import Files
public import Foundation

/// The assignment of sources to parts; saved with a model so that its test part can be reproduced.
public struct Split: Sendable, Hashable, Codable {
  /// Proportions of the parts, on any positive scale.
  public struct Fractions: Sendable, Hashable, Codable {
    public var train: Double
    public var validation: Double
    public var test: Double

    public init(train: Double, validation: Double, test: Double) {
      self.train = train
      self.validation = validation
      self.test = test
    }

    /// 60/20/20, as in the seed paper.
    public static let standard = Fractions(train: 60, validation: 20, test: 20)

    /// Fraction of a part; the fractions of all parts sum to 1.
    func fraction(_ part: Part) -> Double {
      let value =
        switch part {
        case .train: train
        case .validation: validation
        case .test: test
        }
      return value / (train + validation + test)
    }
  }

  public var seed: UInt64
  public var fractions: Fractions
  /// Part of each group.
  public var parts: [String: Part]

  private enum CodingKeys: String, CodingKey {
    case seed, parts
    case fractions = "shares"
  }

  public init(seed: UInt64, fractions: Fractions, parts: [String: Part]) {
    self.seed = seed
    self.fractions = fractions
    self.parts = parts
  }

  /// The part of an item; nil if its group is not in the split, or if it may belong to two groups that are in
  /// different parts.
  public func part(of item: LabelledItem) -> Part? {
    guard let part = part(ofGroup: item.group) else { return nil }
    if let border = item.borderGroup, let other = self.part(ofGroup: border), other != part { return nil }
    return part
  }

  /// The part of a source; nil if it is not in the split.
  ///
  /// FaceForensics++ videos that are read alone have their ids as groups; in a split that was made together with crops,
  /// their blocks identify them.
  public func part(ofGroup group: String) -> Part? {
    parts[group] ?? FaceForensicsBlocks().block(ofGroup: group).flatMap { parts[$0] }
  }

  /// Indices of the items of a part, in order.
  public func indices(of part: Part, in items: [LabelledItem]) -> [Int] {
    items.indices.filter { self.part(of: items[$0]) == part }
  }

  /// Items that show a source of another part, one problem per pair of groups.
  public func leaks(in items: [LabelledItem]) -> [DatasetProblem] {
    var found = Set<[String]>()
    var problems: [DatasetProblem] = []
    for item in items {
      guard let part = part(of: item) else { continue }
      if let fixed = item.fixedPart, fixed != part, found.insert([item.group]).inserted {
        problems.append(
          DatasetProblem(.leakage, item.group, "is in \(part), but the data set puts \(item.path) into \(fixed)"))
      }
      for kin in item.kin {
        guard let other = self.part(ofGroup: kin), other != part, found.insert([item.group, kin]).inserted else {
          continue
        }
        problems.append(
          DatasetProblem(.leakage, item.group, "is in \(part), but shows \(kin) from \(other) (\(item.path))"))
      }
    }
    return problems
  }

  // MARK: - File

  public init(path: String) throws(DatasetsError) {
    do {
      self = try JSONDecoder().decode(Split.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch let error as DecodingError {
      throw .format(path: path, line: nil, problem: "is not a split: \(explanation(of: error))")
    } catch {
      throw .file(path: path, problem: "cannot be read: \(explanation(of: error))")
    }
  }

  /// JSON with sorted keys: equal splits give identical bytes.
  public func encoded() throws -> Data {
    try JSONEncoder.readable.encode(self)
  }

  public func write(to path: String) throws(DatasetsError) {
    do {
      try AtomicFile.write(encoded(), to: path)
    } catch {
      throw .unwritable(path: path, error)
    }
  }
}

/// A part of a split.
public enum Part: String, Sendable, Hashable, Codable, CaseIterable {
  /// Fits the parameters.
  case train
  /// Chooses the epoch, the calibration and the thresholds.
  case validation
  /// Measured once per model.
  case test
}

/// The crops to measure: a part of a split, or all crops of a set.
public enum PartSelection: String, Sendable, Hashable, Codable, CaseIterable {
  case train, validation, test, all

  /// Nil for all crops.
  public var part: Part? { Part(rawValue: rawValue) }
}

extension Split {
  /// Numbers of a part: `120 crops (80 fake) of 6 sources`.
  ///
  /// - Parameter indices: of the items of the part.
  public static func count(_ indices: [Int], of items: [LabelledItem]) -> String {
    let fakes = indices.count { items[$0].label == .fake }
    let sources = Set(indices.map { items[$0].group }).count
    return "\(indices.count) crop\(indices.count == 1 ? "" : "s") (\(fakes) fake) of "
      + "\(sources) source\(sources == 1 ? "" : "s")"
  }

  /// A table for people: items of each part by label, data set and method, and what was left out.
  public func table(of items: [LabelledItem]) -> String {
    var counts: [String: [Part: Int]] = [:]
    var leftOut: [String: Int] = [:]
    for item in items {
      let row = "\(item.label)  \(item.dataset)  \(item.method)"
      if let part = part(of: item) {
        counts[row, default: [:]][part, default: 0] += 1
      } else {
        leftOut[row, default: 0] += 1
        counts[row, default: [:]][.train, default: 0] += 0
      }
    }
    let rows = counts.keys.sorted()
    let width = (rows.map(\.count).max() ?? 0) + 2
    func line(_ title: String, _ cells: [String]) -> String {
      let head = title + String(repeating: " ", count: max(0, width - title.count))
      return head + cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }
    var lines = [line("", Part.allCases.map(\.rawValue) + ["left out"])]
    for row in rows {
      lines.append(line(row, Part.allCases.map { "\(counts[row]?[$0] ?? 0)" } + ["\(leftOut[row] ?? 0)"]))
    }
    let groups = Part.allCases.map { part in "\(parts.values.count { $0 == part })" }
    lines.append(line("sources", groups + [""]))
    return lines.joined(separator: "\n")
  }
}
