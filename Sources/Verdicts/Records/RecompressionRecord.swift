/// What becomes of a borderline video's score when it is coded once more.
public struct RecompressionRecord: Sendable, Hashable, Codable {
  /// One way of coding it, and what the video is then taken for.
  public struct Variant: Sendable, Hashable, Codable {
    /// Constant rate factor of libx264.
    public let crf: Int
    /// Half as many pixels along both sides.
    public let isHalfSize: Bool
    /// P(fake); nil without a face or when it could not be coded.
    @ExplicitNull public private(set) var score: Double?
    public let verdict: Verdict

    public init(crf: Int, isHalfSize: Bool, score: Double?, verdict: Verdict) {
      self.crf = crf
      self.isHalfSize = isHalfSize
      self.verdict = verdict
      self.score = score?.manifestRounded
    }
  }

  /// From how far off a threshold on a score counted as borderline.
  public let distance: Double
  public let variants: [Variant]
  /// The least and the greatest score, that of the video as it is among them.
  public let lowest: Double
  public let highest: Double
  /// Whether one of the variants has another verdict than the video; what could not be coded says nothing.
  public let turns: Bool

  public init(of verdict: Verdict, score: Double, distance: Double, variants: [Variant]) {
    let scores = [score.manifestRounded] + variants.compactMap(\.score)
    self.distance = distance.manifestRounded
    self.variants = variants
    lowest = scores.min() ?? score
    highest = scores.max() ?? score
    turns = variants.contains { $0.verdict != verdict && $0.verdict != .failed }
  }

  /// For the note in a table.
  var text: String {
    func cut(_ score: Double) -> String { "\(Double(Int(score * 1000 + 1e-9)) / 1000)" }
    return "\(turns ? "turned by coding" : "coded again"): \(cut(lowest))–\(cut(highest))"
  }
}

extension Thresholds {
  /// Whether a score is undecided or within a distance of a threshold.
  public func isBorderline(_ score: Double, distance: Double) -> Bool {
    verdict(for: score) == .undecided || abs(score - real) <= distance || abs(score - fake) <= distance
  }
}
