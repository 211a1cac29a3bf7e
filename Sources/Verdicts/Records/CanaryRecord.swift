/// How a known fake goes into a scan.
public enum CanaryGuise: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// As it is.
  case plain
  /// Coded once more.
  case recompressed
  /// Its faces attacked, to look real.
  case perturbed
}

/// The row of a canary. It stands beside the videos of the manifest, never among them.
public struct CanaryRecord: Sendable, Hashable, Codable {
  public let guise: CanaryGuise
  public let video: VideoRecord

  public init(guise: CanaryGuise, video: VideoRecord) {
    self.guise = guise
    self.video = video
  }
}

/// How many of the known fakes a scan called fake.
public struct CanarySummary: Sendable, Hashable, Codable {
  public struct Tally: Sendable, Hashable, Codable {
    public private(set) var videos = 0
    public private(set) var verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0, 0) })

    /// Share of the verdict `fake`; 0 without videos.
    public var recall: Double { videos > 0 ? (Double(verdicts[.fake] ?? 0) / Double(videos)).manifestRounded : 0 }

    mutating func add(_ verdict: Verdict) {
      videos += 1
      verdicts[verdict, default: 0] += 1
    }
  }

  /// Of the plain and the recompressed ones together: what the floor is for. The perturbed ones stand beside it, since a
  /// network that was not hardened does not withstand an attack.
  public let recall: Double
  /// Below it the run fails; nil where none was asked for.
  @ExplicitNull public private(set) var floor: Double?
  public let guises: [CanaryGuise: Tally]
  /// Share of the verdict `fake` in each guise.
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
