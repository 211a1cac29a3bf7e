/// Scores in bins of equal width, beside how often each bin's items were fake.
public struct Reliability: Sendable, Hashable {
  public struct Bin: Sendable, Hashable {
    /// Items in the bin.
    public var count: Int
    /// Fakes among them.
    public var fakes: Int
    /// Mean of their scores; nil in an empty bin.
    public var meanScore: Double?
  }

  /// Bin i holds scores from i/n up to, but without, (i+1)/n; the last one holds 1 too.
  public let bins: [Bin]

  /// - Precondition: scores are in 0…1, `bins` is at least 1.
  public init(_ data: ScoredLabels, bins count: Int = 15) {
    precondition(count > 0, "reliability needs bins")
    precondition(data.scores.allSatisfy { (0...1).contains($0) }, "reliability is about scores in 0…1")
    var counts = [Int](repeating: 0, count: count)
    var fakes = counts
    var sums = [Double](repeating: 0, count: count)
    for (score, isFake) in zip(data.scores, data.labels) {
      let bin = min(Int(score * Double(count)), count - 1)
      counts[bin] += 1
      fakes[bin] += isFake ? 1 : 0
      sums[bin] += score
    }
    bins = counts.indices.map { bin in
      Bin(count: counts[bin], fakes: fakes[bin], meanScore: counts[bin] > 0 ? sums[bin] / Double(counts[bin]) : nil)
    }
  }

  /// Expected calibration error: distance of mean score and share of fakes, averaged over items (Naeini et al. 2015,
  /// for the score of "fake" instead of the winning class). Nil without items.
  public var expectedCalibrationError: Double? {
    let total = bins.reduce(0) { $0 + $1.count }
    guard total > 0 else { return nil }
    return bins.reduce(0) { sum, bin in
      guard let mean = bin.meanScore else { return sum }
      return sum + abs(mean * Double(bin.count) - Double(bin.fakes))
    } / Double(total)
  }
}
