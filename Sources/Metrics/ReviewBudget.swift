/// What a team that can review so many videos should flag, and what it will find, at the prevalence it really has.
///
/// Test sets hold about as many fakes as real videos, uploads perhaps one in a thousand: recall and false positive rate
/// carry over from one to the other, precision does not.
public struct ReviewBudget: Sendable, Hashable, Codable {
  /// Share of fakes among the videos that arrive, 0…1.
  public let prevalence: Double
  /// Videos that arrive, and those of them that can be reviewed, in the same span of time.
  public let videos: Int
  public let reviews: Int

  /// - Precondition: the prevalence lies in 0…1; at least one video and one review.
  public init(prevalence: Double, videos: Int, reviews: Int) {
    precondition((0...1).contains(prevalence), "a prevalence of \(prevalence)")
    precondition(videos > 0 && reviews > 0, "\(reviews) reviews of \(videos) videos")
    self.prevalence = prevalence
    self.videos = videos
    self.reviews = reviews
  }

  /// What to expect of one threshold.
  public struct Expectation: Sendable, Hashable, Codable {
    /// Flag from this score on; infinite when even the highest score flags too many.
    public var threshold: Double
    /// Videos flagged, and the fakes among them.
    public var flagged: Double
    public var found: Double
    /// Fakes that are not flagged.
    public var missed: Double
    /// Share of fakes among what is flagged; nil when nothing is.
    public var precision: Double?
  }

  /// The lowest threshold whose alarms can all be reviewed, by a test set's curve; nil unless it has both classes.
  public func expectation(_ curve: ThresholdCurve) -> Expectation? {
    guard curve.positives > 0, curve.negatives > 0 else { return nil }
    let affordable = curve.points.last { flagged(at: $0, of: curve).total <= Double(reviews) } ?? curve.points[0]
    let (total, fakes) = flagged(at: affordable, of: curve)
    return Expectation(
      threshold: affordable.threshold, flagged: total, found: fakes,
      missed: prevalence * Double(videos) - fakes, precision: total > 0 ? fakes / total : nil)
  }

  private func flagged(at point: ThresholdCurve.Point, of curve: ThresholdCurve) -> (total: Double, fakes: Double) {
    let fakes = prevalence * Double(point.truePositives) / Double(curve.positives) * Double(videos)
    let alarms = (1 - prevalence) * Double(point.falsePositives) / Double(curve.negatives) * Double(videos)
    return (fakes + alarms, fakes)
  }
}
