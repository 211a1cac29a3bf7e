/// The decisions at every possible threshold, in descending order.
///
/// Items of equal score are flagged together, so ties have no effect.
public struct ThresholdCurve: Sendable, Hashable {
  /// Decisions if everything from `threshold` up counts as fake.
  public struct Point: Sendable, Hashable {
    /// A score that occurs; infinite in the first point, which flags nothing.
    public var threshold: Double
    public var truePositives: Int
    public var falsePositives: Int
  }

  /// In order of decreasing threshold; the first flags nothing, the last everything.
  public let points: [Point]
  public let positives: Int
  public let negatives: Int

  public init(_ data: ScoredLabels) {
    positives = data.positives
    negatives = data.negatives
    var points = [Point(threshold: .infinity, truePositives: 0, falsePositives: 0)]
    var current = points[0]
    for index in data.scores.indices.sorted(by: { data.scores[$0] > data.scores[$1] }) {
      if data.scores[index] != current.threshold {
        if current.threshold.isFinite { points.append(current) }
        current.threshold = data.scores[index]
      }
      if data.labels[index] { current.truePositives += 1 } else { current.falsePositives += 1 }
    }
    if current.threshold.isFinite { points.append(current) }
    self.points = points
  }

  public func matrix(at point: Point) -> ConfusionMatrix {
    ConfusionMatrix(
      truePositives: point.truePositives, falsePositives: point.falsePositives,
      trueNegatives: negatives - point.falsePositives, falseNegatives: positives - point.truePositives)
  }

  /// Fraction of the fakes that a point flags; nil without fakes.
  public func recall(at point: Point) -> Double? {
    positives > 0 ? Double(point.truePositives) / Double(positives) : nil
  }

  /// Fraction of the real items that a point flags; nil without real ones.
  public func falsePositiveRate(at point: Point) -> Double? {
    negatives > 0 ? Double(point.falsePositives) / Double(negatives) : nil
  }
}

extension ThresholdCurve {
  /// Area under the ROC curve: the probability that a fake scores above a real one, ties counting one half (Mann and
  /// Whitney 1947). nil unless both classes occur.
  public var auc: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    var area = 0.0
    for (a, b) in zip(points, points.dropFirst()) {
      area += Double(b.falsePositives - a.falsePositives) * Double(a.truePositives + b.truePositives) / 2
    }
    return area / Double(positives) / Double(negatives)
  }

  /// Average precision: precision at each threshold, weighted by the recall gained there, without interpolation. nil
  /// without fakes.
  public var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var sum = 0.0
    for (a, b) in zip(points, points.dropFirst()) {
      let gained = Double(b.truePositives - a.truePositives)
      sum += gained * Double(b.truePositives) / Double(b.truePositives + b.falsePositives)
    }
    return sum / Double(positives)
  }

  /// Equal error rate: the point of the piecewise linear ROC curve at which the fraction of missed fakes equals the
  /// fraction of false alarms among real items. nil unless both classes occur.
  public var equalErrorRate: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    // Decreases from 1 to -1 along the curve.
    func difference(_ p: Point) -> Double {
      1 - Double(p.truePositives) / Double(positives) - Double(p.falsePositives) / Double(negatives)
    }
    for (a, b) in zip(points, points.dropFirst()) where difference(b) <= 0 {
      let fraction = difference(a) / (difference(a) - difference(b))
      return (Double(a.falsePositives) + fraction * Double(b.falsePositives - a.falsePositives)) / Double(negatives)
    }
    return nil
  }

  /// Vertices of the ROC curve; collinear points are omitted.
  ///
  /// - Returns: false positive rate and recall, from (0, 0) to (1, 1); empty unless both classes occur.
  public var rocCorners: [(falsePositiveRate: Double, recall: Double)] {
    guard positives > 0, negatives > 0 else { return [] }
    var corners: [Point] = []
    for point in points {
      while corners.count > 1, isStraight(corners[corners.count - 2], corners[corners.count - 1], point) {
        corners.removeLast()
      }
      corners.append(point)
    }
    return corners.map {
      (Double($0.falsePositives) / Double(negatives), Double($0.truePositives) / Double(positives))
    }
  }

  private func isStraight(_ a: Point, _ b: Point, _ c: Point) -> Bool {
    (b.falsePositives - a.falsePositives) * (c.truePositives - b.truePositives)
      == (c.falsePositives - b.falsePositives) * (b.truePositives - a.truePositives)
  }
}

extension ThresholdCurve {
  /// The threshold with the greatest recall at a precision of at least `precision`.
  ///
  /// It lies midway between the lowest flagged and the highest unflagged score, so that rounding changes no decision. Nil
  /// if no threshold reaches that precision.
  public func threshold(forPrecision precision: Double) -> Double? {
    let index = points.indices.dropFirst().last { index in
      let flagged = points[index].truePositives + points[index].falsePositives
      return Double(points[index].truePositives) >= precision * Double(flagged)
    }
    return index.map(midway)
  }

  private func midway(_ index: Int) -> Double {
    if index == points.startIndex {
      // Nothing is flagged: the threshold must lie above every score.
      return points.count > 1 ? points[1].threshold.nextUp : .infinity
    }
    let flagged = points[index].threshold
    guard index + 1 < points.count else { return flagged }
    let spared = points[index + 1].threshold
    let middle = spared + (flagged - spared) / 2
    // Adjacent floating-point numbers have no midpoint.
    return middle > spared ? middle : flagged
  }
}
