/// The review capacity of a team at a given prevalence: yields the threshold to use and the expected results.
///
/// Test sets contain about as many fakes as real videos, uploads perhaps one in a thousand: recall and false positive
/// rate transfer from one to the other, precision does not.
public struct ReviewBudget: Sendable, Hashable, Codable {
  /// Prevalence of fakes among incoming videos, 0…1.
  public let prevalence: Double
  /// Incoming videos, and those of them that can be reviewed, in the same period.
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

  /// Expected results at one threshold.
  public struct Expectation: Sendable, Hashable, Codable {
    /// Score from which videos are flagged; infinite if even the highest score flags too many.
    public var threshold: Double
    /// Videos flagged, and the fakes among them.
    public var flagged: Double
    public var found: Double
    /// Fakes that are not flagged.
    public var missed: Double
    /// Fraction of fakes among flagged videos; nil if none is flagged.
    public var precision: Double?
  }

  /// The lowest threshold whose flagged videos can all be reviewed, by a test set's curve; nil unless it has both classes.
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
