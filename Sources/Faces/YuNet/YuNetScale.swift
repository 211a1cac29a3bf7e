import Compute
import Glibc
import Imaging

/// The outputs of a YuNet at one stride, one row for each cell of the grid.
struct YuNetScale {
  let stride: Int
  /// Cells in a row of the grid.
  let columns: Int
  /// `[1, cells, 1]`: that it is a face, and that there is an object.
  let classes: Tensor
  let objects: Tensor
  /// `[1, cells, 4]`: centre relative to the cell, logarithm of the extents, both in strides.
  let boxes: Tensor
  /// `[1, cells, 10]`: eyes, nose and corners of the mouth relative to the cell, in strides.
  let landmarks: Tensor

  /// Faces whose score, the geometric mean of both probabilities, is at least `limit`; their confidence is that score.
  func faces(above limit: Float) -> [Detection] {
    (0..<classes.count).compactMap { cell in
      let score = (unit(classes[cell]) * unit(objects[cell])).squareRoot()
      guard score >= limit else { return nil }
      let (column, row) = (Double(cell % columns), Double(cell / columns))
      func offset(_ index: Int) -> Double { Double(boxes[4 * cell + index]) }
      let size = Double(stride)
      let (width, height) = (exp(offset(2)) * size, exp(offset(3)) * size)
      guard width.isFinite, height.isFinite, offset(0).isFinite, offset(1).isFinite else { return nil }
      let box = Box(
        x: (column + offset(0)) * size - width / 2, y: (row + offset(1)) * size - height / 2, width: width,
        height: height)
      let points = (0..<5).map { point in
        Point(
          x: (column + Double(landmarks[10 * cell + 2 * point])) * size,
          y: (row + Double(landmarks[10 * cell + 2 * point + 1])) * size)
      }
      return Detection(box: box, confidence: score, landmarks: points)
    }
  }

  private func unit(_ value: Float) -> Float { min(max(value, 0), 1) }
}
