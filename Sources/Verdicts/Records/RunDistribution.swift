/// Distribution of the scores, verdicts and formats of a set of rows.
public struct RunDistribution: Sendable, Hashable, Codable {
  public private(set) var videos = 0
  /// Has an entry for every verdict.
  public private(set) var verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0, 0) })
  /// Videos with a score by tenths of it: from 0 up to 0.1, …, from 0.9 up to and with 1.
  public private(set) var scoreTenths = [Int](repeating: 0, count: 10)
  /// Videos by FFmpeg's names of container and video codec, as far as these are known.
  public private(set) var containers: [String: Int] = [:]
  public private(set) var codecs: [String: Int] = [:]

  /// Different names that are counted apart; files may claim anything.
  private static let mostNames = 100

  public init() {}

  public mutating func add(_ record: VideoRecord) {
    videos += 1
    verdicts[record.finding.verdict, default: 0] += 1
    if let score = record.finding.score { scoreTenths[min(max(Int(score * 10), 0), 9)] += 1 }
    if let name = record.content.container { Self.count(name, 1, in: &containers) }
    if let name = record.content.codec { Self.count(name, 1, in: &codecs) }
  }

  public mutating func add(_ other: RunDistribution) {
    videos += other.videos
    for (verdict, count) in other.verdicts { verdicts[verdict, default: 0] += count }
    for index in scoreTenths.indices where index < other.scoreTenths.count {
      scoreTenths[index] += other.scoreTenths[index]
    }
    for (name, count) in other.containers { Self.count(name, count, in: &containers) }
    for (name, count) in other.codecs { Self.count(name, count, in: &codecs) }
  }

  public func count(_ verdict: Verdict) -> Int { verdicts[verdict] ?? 0 }

  private static func count(_ name: String, _ count: Int, in names: inout [String: Int]) {
    let known = names[name] != nil || names.count < mostNames
    names[known ? name : "other", default: 0] += count
  }
}
