/// The scores of a borderline video after re-encoding.
public struct RecompressionRecord: Sendable, Hashable, Codable {
  /// One encoding, with the resulting verdict.
  public struct Variant: Sendable, Hashable, Codable {
    /// Constant rate factor of libx264.
    public let crf: Int
    /// Half the width and half the height.
    public let isHalfSize: Bool
    /// P(fake); nil without a face or if encoding failed.
    @ExplicitNull public private(set) var score: Double?
    public let verdict: Verdict

    public init(crf: Int, isHalfSize: Bool, score: Double?, verdict: Verdict) {
      self.crf = crf
      self.isHalfSize = isHalfSize
      self.verdict = verdict
      self.score = score?.manifestRounded
    }
  }

  /// Distance from a threshold within which a score counts as borderline.
  public let distance: Double
  public let variants: [Variant]
  /// The lowest and the highest score, including that of the original video.
  public let lowest: Double
  public let highest: Double
  /// Whether any variant has a different verdict from the video; failed encodings are ignored.
  public let flips: Bool

  private enum CodingKeys: String, CodingKey {
    case distance, variants, lowest, highest
    case flips = "turns"
  }

  public init(of verdict: Verdict, score: Double, distance: Double, variants: [Variant]) {
    let scores = [score.manifestRounded] + variants.compactMap(\.score)
    self.distance = distance.manifestRounded
    self.variants = variants
    lowest = scores.min() ?? score
    highest = scores.max() ?? score
    flips = variants.contains { $0.verdict != verdict && $0.verdict != .failed }
  }

  /// For the note in the verdict table.
  var text: String {
    func cut(_ score: Double) -> String { "\(Double(Int(score * 1000 + 1e-9)) / 1000)" }
    return "\(flips ? "flipped by re-encoding" : "re-encoded"): \(cut(lowest))–\(cut(highest))"
  }
}

extension Thresholds {
  /// Whether a score is undecided or within `distance` of a threshold.
  public func isBorderline(_ score: Double, distance: Double) -> Bool {
    verdict(for: score) == .undecided || abs(score - real) <= distance || abs(score - fake) <= distance
  }
}
