import Imaging
import Metrics

/// How much pictures differ from each other.
enum PictureDiversity {
  /// Pictures are compared at this size, in which noise says nothing.
  static let side = 16

  /// Colours of small copies, on the [0, 1] scale.
  static func features(_ pictures: [Frame]) -> FeatureTable {
    FeatureTable(
      width: side * side * 3,
      values: pictures.flatMap { picture in
        picture.resized(width: side, height: side).pixels.map { Double($0) / 255 }
      })
  }

  /// Mean distance of two of the pictures, as the root of the mean square over pixels; 0 with fewer than two.
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
