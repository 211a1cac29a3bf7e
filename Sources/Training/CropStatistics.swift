import Compute
import Runs

/// Statistics of crops and of their augmented copies, with labels.
struct CropStatistics {
  /// Index in the crop set, for each row.
  private(set) var crops: [Int]
  private(set) var labels: [Float]
  /// `[rows, statistics]`.
  private(set) var statistics: Tensor
  /// Number of leading rows that are unaugmented crops.
  private let plainCount: Int

  var count: Int { crops.count }

  /// `[unaugmented crops, statistics]`.
  var plain: Tensor { statistics.rows(0..<plainCount) }

  /// Measures unaugmented crops.
  init(_ indices: [Int], _ measure: StatisticsMeasure, progress: ProgressLine) throws {
    let items = indices.map { StatisticsMeasure.Item.plain($0) }
    crops = indices
    labels = items.map(measure.label)
    statistics = try measure.statistics(items, progress: progress)
    plainCount = indices.count
  }

  /// Concatenates the unaugmented rows of both, then the augmented rows of both.
  init(joining one: CropStatistics, _ other: CropStatistics) {
    let parts = [one, other]
    func joined<T>(_ values: (CropStatistics) -> [T], width: Int) -> [T] {
      parts.flatMap { values($0)[..<($0.plainCount * width)] }
        + parts.flatMap { values($0)[($0.plainCount * width)...] }
    }
    crops = joined(\.crops, width: 1)
    labels = joined(\.labels, width: 1)
    let width = one.statistics.shape[1]
    statistics = Tensor([crops.count, width], joined(\.statistics.values, width: width))
    plainCount = one.plainCount + other.plainCount
  }

  /// Appends copies of all crops; each copy has the augmentations of a different epoch.
  ///
  /// - Parameter draws: selects among draws of each self-blended fake; nil takes the first draw.
  mutating func append(
    copies: Int, _ measure: StatisticsMeasure, draws: HardestDraws?, progress: ProgressLine
  ) throws {
    guard copies > 0 else { return }
    let indices = Array(crops[..<plainCount])
    let items = (1...copies).flatMap { copy in indices.map { StatisticsMeasure.Item.augmented($0, epoch: copy) } }
    let rows =
      try draws?.statistics(items, measure, progress: progress) ?? measure.statistics(items, progress: progress)
    crops += items.indices.map { indices[$0 % indices.count] }
    labels += items.map(measure.label)
    statistics = Tensor([crops.count, rows.shape[1]], statistics.values + rows.values)
  }
}
