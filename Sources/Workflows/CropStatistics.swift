import Compute

/// Statistics of crops and of augmented copies of them, with their labels.
struct CropStatistics {
  /// Of each row, the crop's place in the crop set.
  let crops: [Int]
  let labels: [Float]
  /// `[rows, statistics]`.
  let statistics: Tensor
  /// `[crops without copies, statistics]`.
  let plain: Tensor

  var count: Int { crops.count }

  /// The crops themselves, then copies that each have an epoch's augmentations of their own.
  init(_ indices: [Int], copies: Int, _ measure: StatisticsMeasure, progress: ProgressLine) throws {
    let items = (0...copies).flatMap { copy in
      indices.map { copy == 0 ? StatisticsMeasure.Item.plain($0) : .augmented($0, epoch: copy) }
    }
    crops = (0...copies).flatMap { _ in indices }
    labels = items.map(measure.label)
    statistics = try measure.statistics(items, progress: progress)
    plain = statistics.rows(0..<indices.count)
  }

  /// The plain rows of one, those of the other, then the copies of both.
  init(joining one: CropStatistics, _ other: CropStatistics) {
    let parts = [one, other]
    let heads = parts.map { $0.plain.shape[0] }
    func joined<T>(_ values: (CropStatistics) -> [T], width: Int) -> [T] {
      zip(parts, heads).flatMap { values($0)[..<($1 * width)] }
        + zip(parts, heads).flatMap { values($0)[($1 * width)...] }
    }
    crops = joined(\.crops, width: 1)
    labels = joined(\.labels, width: 1)
    let width = one.statistics.shape[1]
    statistics = Tensor([crops.count, width], joined(\.statistics.values, width: width))
    plain = statistics.rows(0..<heads.reduce(0, +))
  }
}
