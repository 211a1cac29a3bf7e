/// How many videos got which verdict.
public struct RunSummary: Sendable, Hashable, Codable {
  public private(set) var videos = 0
  /// Every verdict has an entry, and so has every reason.
  public private(set) var verdicts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0, 0) })
  public private(set) var reasons = Dictionary(uniqueKeysWithValues: FailureReason.allCases.map { ($0, 0) })

  public init() {}

  public mutating func add(_ finding: Finding) {
    videos += 1
    verdicts[finding.verdict, default: 0] += 1
    if let reason = finding.reason { reasons[reason, default: 0] += 1 }
  }

  public func count(_ verdict: Verdict) -> Int { verdicts[verdict] ?? 0 }

  /// One line: `12 videos: 3 fake, 1 undecided, 7 real, 1 failed (1 truncated)`.
  public var line: String {
    let counted = [Verdict.fake, .undecided, .real, .noFace, .failed].compactMap { verdict -> String? in
      let count = count(verdict)
      guard count > 0 else { return nil }
      return "\(count) \(Self.words(verdict.rawValue))\(verdict == .failed ? reasonsInWords : "")"
    }
    let total = videos == 1 ? "1 video" : "\(videos) videos"
    return counted.isEmpty ? total : "\(total): \(counted.joined(separator: ", "))"
  }

  private var reasonsInWords: String {
    let counted = FailureReason.allCases.compactMap { reason -> String? in
      guard let count = reasons[reason], count > 0 else { return nil }
      return "\(count) \(Self.words(reason.rawValue))"
    }
    return counted.isEmpty ? "" : " (\(counted.joined(separator: ", ")))"
  }

  private static func words(_ name: String) -> String { name.split(separator: "_").joined(separator: " ") }
}
