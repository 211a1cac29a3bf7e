/// The form in which a known fake is mixed into a scan.
public enum CanaryGuise: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// Unchanged.
  case plain
  /// Re-encoded.
  case recompressed
  /// Its faces are perturbed to look real.
  case perturbed
}

/// The row of a canary, separate from the rows of the manifest's videos.
public struct CanaryRecord: Sendable, Hashable, Codable {
  public let guise: CanaryGuise
  public let video: VideoRecord

  public init(guise: CanaryGuise, video: VideoRecord) {
    self.guise = guise
    self.video = video
  }
}

/// Detection rate of the known fakes in a scan.
public struct CanarySummary: Sendable, Hashable, Codable {
  public struct Tally: Sendable, Hashable, Codable {
    public private(set) var videos = 0
    public private(set) var verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0, 0) })

    /// Fraction with the verdict `fake`; 0 without videos.
    public var recall: Double { videos > 0 ? (Double(verdicts[.fake] ?? 0) / Double(videos)).manifestRounded : 0 }

    mutating func add(_ verdict: Verdict) {
      videos += 1
      verdicts[verdict, default: 0] += 1
    }
  }

  /// Recall of the plain and the recompressed ones together, to which the floor applies. Perturbed ones are separate,
  /// because a network that was not hardened does not withstand an attack.
  public let recall: Double
  /// Minimum recall, below which the run fails; nil for none.
  @ExplicitNull public private(set) var floor: Double?
  public let guises: [CanaryGuise: Tally]
  /// Fraction with the verdict `fake`, by guise.
  public let recalls: [CanaryGuise: Double]

  public var isBelowFloor: Bool { floor.map { recall < $0 } ?? false }

  public init(_ canaries: [CanaryRecord], floor: Double?) {
    var guises: [CanaryGuise: Tally] = [:]
    for canary in canaries { guises[canary.guise, default: Tally()].add(canary.video.finding.verdict) }
    let counting = canaries.filter { $0.guise != .perturbed }
    let found = counting.count { $0.video.finding.verdict == .fake }
    recall = counting.isEmpty ? 0 : (Double(found) / Double(counting.count)).manifestRounded
    self.guises = guises
    recalls = guises.mapValues(\.recall)
    self.floor = floor
  }

  /// `canaries: 5 of 6 found (recall 0.833), 1 of 3 when perturbed`.
  public var line: String {
    let counting = [CanaryGuise.plain, .recompressed].compactMap { guises[$0] }
    let (found, all) = (counting.reduce(0) { $0 + ($1.verdicts[.fake] ?? 0) }, counting.reduce(0) { $0 + $1.videos })
    let attacked = guises[.perturbed].map { ", \($0.verdicts[.fake] ?? 0) of \($0.videos) when perturbed" } ?? ""
    return "canaries: \(found) of \(all) found (recall \(recall))" + attacked
  }
}
