extension ThresholdCurve {
  /// Area under the ROC curve: the probability that a fake scores above a real one, ties counting one half (Mann and
  /// Whitney 1947). Nil unless there are both.
  public var auc: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    var area = 0.0
    for (a, b) in zip(points, points.dropFirst()) {
      area += Double(b.falsePositives - a.falsePositives) * Double(a.truePositives + b.truePositives) / 2
    }
    return area / Double(positives) / Double(negatives)
  }

  /// Average precision: precision at each threshold, weighted by the recall gained there, without interpolation. Nil
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

  /// Equal error rate: where the ROC curve, drawn with straight lines, has as many missed fakes (in shares of the
  /// fakes) as false alarms (in shares of the real ones). Nil unless there are both.
  public var equalErrorRate: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    // Falls from 1 to -1 along the curve.
    func difference(_ p: Point) -> Double {
      1 - Double(p.truePositives) / Double(positives) - Double(p.falsePositives) / Double(negatives)
    }
    for (a, b) in zip(points, points.dropFirst()) where difference(b) <= 0 {
      let share = difference(a) / (difference(a) - difference(b))
      return (Double(a.falsePositives) + share * Double(b.falsePositives - a.falsePositives)) / Double(negatives)
    }
    return nil
  }

  /// Corners of the ROC curve: points between which it is straight are left out.
  ///
  /// - Returns: false positive rate and recall, from (0, 0) to (1, 1); empty unless there are both classes.
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
