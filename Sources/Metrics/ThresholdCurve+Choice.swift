extension ThresholdCurve {
  /// The threshold of the greatest recall at which precision is at least `precision`.
  ///
  /// It lies midway between the lowest score that is flagged and the highest that is not, so that rounding moves no
  /// decision. Nil when no threshold is that precise.
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
    // Between neighbouring floating-point numbers there is no middle.
    return middle > spared ? middle : flagged
  }
}
