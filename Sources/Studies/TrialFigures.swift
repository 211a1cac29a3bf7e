import Foundation
import Metrics
import Runs

/// Results of arms trained and measured identically; each arm averages over its seeds.
struct TrialFigures {
  /// One arm.
  struct Arm {
    /// Mean over seeds of the AUC on all test crops; the error is 1 - AUC.
    var auc: Estimate?
    /// Accuracies on the attacked crops.
    var clean: Estimate?
    var robust: Estimate?
    /// Differences from the first arm, paired by crop.
    var aucDifference: Estimate?
    var robustDifference: Estimate?
    /// Minimum and maximum over the seeds.
    var aucRange: (Double, Double)?
    var robustRange: (Double, Double)?
  }

  let arms: [Arm]
  /// Numbers of sources in the test part and among its attacked crops.
  let sourceCounts: (test: Int, attacked: Int)

  /// - Parameter records: for each arm, one record per seed.
  init(_ records: [[StudyRecord]], _ trial: StudyTrial) throws(WorkflowError) {
    let labels = trial.isFake(trial.test)
    let test = PairedDraws(sources: trial.sources(trial.test), resamples: 500)
    let attacked = PairedDraws(sources: trial.sources(trial.attacked))
    sourceCounts = (test.sourceCount, attacked.sourceCount)
    let scores = try Self.columns(.logit, of: records).map { $0.map { ScoredLabels(scores: $0, labels: labels) } }
    let seeds = records.map(\.count).min() ?? 0
    let aucs = Self.estimates(test, arms: records.count, seeds: seeds) { drawn, seeds in
      scores.map { own in
        let known = own.map { ThresholdCurve($0.selecting(drawn)).auc }
        return Self.mean(seeds.map { known[$0] })
      }
    }
    func fractions(_ column: StudyColumn) throws(WorkflowError) -> [(own: Estimate?, difference: Estimate?)] {
      let columns = try Self.columns(column, of: records)
      return Self.estimates(attacked, arms: records.count, seeds: seeds) { drawn, seeds in
        columns.map { own in
          Self.mean(seeds.map { seed in drawn.reduce(0) { $0 + own[seed][$1] } / Double(max(drawn.count, 1)) })
        }
      }
    }
    let (clean, robust) = (try fractions(.clean), try fractions(.robust))
    // A fraction of 0 or 1 in every resample is not certain: the number of sources bounds its error (Wilson 1927).
    func bounded(_ fraction: Estimate?) -> Estimate? {
      guard let fraction, fraction.value == 0 || fraction.value == 1 else { return fraction }
      return Estimate(
        fraction.value, Interval.bounding(fraction.value, drawn: nil, sources: attacked.sourceCount))
    }
    func range(_ records: [StudyRecord], _ name: String) -> (Double, Double)? {
      let values = records.compactMap { $0.values[name] }
      return values.min().flatMap { low in values.max().map { (low, $0) } }
    }
    arms = records.indices.map { index in
      Arm(
        auc: aucs[index].own, clean: bounded(clean[index].own), robust: bounded(robust[index].own),
        aucDifference: aucs[index].difference, robustDifference: attacked.bounded(robust[index].difference),
        aucRange: range(records[index], "test_auc"), robustRange: range(records[index], "robust_accuracy"))
    }
  }

  /// A column of each arm's records.
  static func columns(_ column: StudyColumn, of arms: [[StudyRecord]]) throws(WorkflowError) -> [[[Double]]] {
    var columns: [[[Double]]] = []
    for arm in arms {
      columns.append([])
      for record in arm { columns[columns.count - 1].append(try record.column(column)) }
    }
    return columns
  }

  /// One value per arm and its difference from the first arm, from one set of resamples.
  private static func estimates(
    _ draws: PairedDraws, arms: Int, seeds: Int, _ values: ([Int], [Int]) -> [Double?]
  ) -> [(own: Estimate?, difference: Estimate?)] {
    let found = draws.estimates(seeds: seeds) { drawn, seeds in
      let own = values(drawn, seeds)
      return own + own.map { value in value.flatMap { value in own[0].map { value - $0 } } }
    }
    return (0..<arms).map { (found[$0], found[arms + $0]) }
  }

  static func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap { $0 }
    return known.count == values.count && !known.isEmpty ? known.reduce(0, +) / Double(known.count) : nil
  }

  /// `0.612 to 0.655`.
  static func text(_ range: (Double, Double)?) -> String {
    range.map { "\(Estimate.number($0)) to \(Estimate.number($1))" } ?? "-"
  }
}
