import Imaging
import Metrics

/// Finds the training crops nearest to pictures, by pixel distance at reduced size. Mirrored crops count too, because
/// generators are trained on both.
struct NearestCrops {
  private let crops: FeatureTable
  private let count: Int

  init(of pictures: [Frame]) {
    count = pictures.count
    crops = PictureDiversity.features(pictures + pictures.map { $0.flippedHorizontally() })
  }

  /// A matching crop, by index.
  struct Match {
    var index: Int
    /// RMS difference over pixels on the [0, 1] scale.
    var distance: Double
  }

  /// The nearest crops of each picture, nearest first.
  func matches(_ pictures: [Frame], count wanted: Int) -> [[Match]] {
    let table = PictureDiversity.features(pictures)
    let distances = table.squaredDistances(to: crops)
    return (0..<table.rows).map { row in
      let matches = (0..<count).map { index in
        let either = min(distances[row * crops.rows + index], distances[row * crops.rows + index + count])
        return Match(index: index, distance: (either / Double(crops.width)).squareRoot())
      }
      return Array(matches.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(wanted))
    }
  }
}
