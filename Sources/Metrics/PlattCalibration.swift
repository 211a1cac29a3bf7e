import Glibc

/// Maps logits to calibrated probabilities: `P(fake) = sigmoid(slope * logit + offset)` (Platt 1999).
public struct PlattCalibration: Sendable, Hashable, Codable {
  public var slope: Double
  public var offset: Double

  public init(slope: Double, offset: Double) {
    self.slope = slope
    self.offset = offset
  }

  /// The identity: leaves logits unchanged.
  public static let identity = PlattCalibration(slope: 1, offset: 0)

  public func probability(_ logit: Double) -> Double { sigmoid(slope * logit + offset) }

  /// Adapts the calibration to another prevalence, all else being equal: by Bayes' rule the odds change by the ratio of
  /// the prior odds (Elkan 2001, theorem 2).
  ///
  /// - Parameters:
  ///   - fitted: prevalence of the data it was fitted to, above 0 and below 1.
  ///   - wanted: the new prevalence, above 0 and below 1.
  public func adapted(fromPrevalence fitted: Double, to wanted: Double) -> PlattCalibration {
    precondition(fitted > 0 && fitted < 1 && wanted > 0 && wanted < 1, "prevalences \(fitted) and \(wanted)")
    return PlattCalibration(
      slope: slope, offset: offset + log(wanted / (1 - wanted)) - log(fitted / (1 - fitted)))
  }

  /// Fits both parameters to validation logits by Newton's method with backtracking (Lin, Lin and Weng 2007), on the
  /// targets (n₊+1)/(n₊+2) and 1/(n₋+2) of Platt, which keep the parameters finite for separable data.
  ///
  /// - Returns: nil unless both classes occur.
  public static func fit(_ logits: ScoredLabels) -> PlattCalibration? {
    let positives = Double(logits.positives)
    let negatives = Double(logits.negatives)
    guard positives > 0, negatives > 0 else { return nil }
    let (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2))
    let problem = PlattProblem(logits: logits.scores, targets: logits.labels.map { $0 ? high : low })
    var current = PlattCalibration(slope: 0, offset: log((positives + 1) / (negatives + 1)))
    var loss = problem.loss(current)
    for _ in 0..<100 {
      let (gradient, curvature) = problem.derivatives(current)
      guard max(abs(gradient.slope), abs(gradient.offset)) > 1e-9 * Double(logits.count) else { break }
      let determinant = curvature.slope * curvature.offset - curvature.mixed * curvature.mixed
      let step = PlattCalibration(
        slope: -(curvature.offset * gradient.slope - curvature.mixed * gradient.offset) / determinant,
        offset: -(curvature.slope * gradient.offset - curvature.mixed * gradient.slope) / determinant)
      let descent = gradient.slope * step.slope + gradient.offset * step.offset
      var length = 1.0
      while true {
        let next = PlattCalibration(
          slope: current.slope + length * step.slope, offset: current.offset + length * step.offset)
        let nextLoss = problem.loss(next)
        if nextLoss <= loss + 1e-4 * length * descent {
          (current, loss) = (next, nextLoss)
          break
        }
        length /= 2
        guard length > 1e-10 else { return current }
      }
    }
    return current
  }
}

/// Cross-entropy of the calibrated logits against soft targets.
private struct PlattProblem {
  let logits: [Double]
  let targets: [Double]

  func loss(_ c: PlattCalibration) -> Double {
    zip(logits, targets).reduce(0) { sum, pair in
      let z = c.slope * pair.0 + c.offset
      return sum + max(z, 0) - pair.1 * z + log1p(exp(-abs(z)))
    }
  }

  func derivatives(
    _ c: PlattCalibration
  ) -> (gradient: (slope: Double, offset: Double), curvature: (slope: Double, mixed: Double, offset: Double)) {
    var gradient = (slope: 0.0, offset: 0.0)
    // A small ridge keeps the system solvable if all logits are equal.
    var curvature = (slope: 1e-12, mixed: 0.0, offset: 1e-12)
    for (x, target) in zip(logits, targets) {
      let p = sigmoid(c.slope * x + c.offset)
      let error = p - target
      let weight = p * (1 - p)
      gradient.slope += error * x
      gradient.offset += error
      curvature.slope += weight * x * x
      curvature.mixed += weight * x
      curvature.offset += weight
    }
    return (gradient, curvature)
  }
}

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
    precondition(data.scores.allSatisfy { (0...1).contains($0) }, "reliability needs scores in 0…1")
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

  /// Expected calibration error: distance of mean score and fraction of fakes, averaged over items (Naeini et al. 2015,
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
