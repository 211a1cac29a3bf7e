import Imaging
import Metrics

/// Diversity of a set of pictures.
enum PictureDiversity {
  /// Size for comparisons, small enough to suppress noise.
  static let side = 16

  /// Pixels of the reduced pictures on the [0, 1] scale.
  static func features(_ pictures: [Frame]) -> FeatureTable {
    FeatureTable(
      width: side * side * 3,
      values: pictures.flatMap { picture in
        picture.resized(width: side, height: side).pixels.map { Double($0) / 255 }
      })
  }

  /// Mean pairwise RMS difference over pixels; 0 for fewer than two pictures.
  static func meanDistance(_ pictures: [Frame]) -> Double {
    guard pictures.count > 1 else { return 0 }
    let table = features(pictures)
    let distances = table.squaredDistances(to: table)
    var sum = 0.0
    for row in 0..<table.rows {
      for column in 0..<row { sum += (distances[row * table.rows + column] / Double(table.width)).squareRoot() }
    }
    return sum / Double(table.rows * (table.rows - 1) / 2)
  }
}
