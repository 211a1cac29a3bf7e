import Compute

/// Memory order of a value in an executor: `[N, H, W, C]` for images, tensor order for everything else.
struct MemoryOrder {
  let shape: Shape
  /// Axes of the shape, outermost in memory first.
  let axes: [Int]
  /// Distance between adjacent elements along each axis of the shape.
  let strides: [Int]

  init(_ shape: Shape) {
    self.shape = shape
    axes = shape.rank == 4 ? [0, 2, 3, 1] : Array(0..<shape.rank)
    var strides = [Int](repeating: 0, count: shape.rank)
    var stride = 1
    for axis in axes.reversed() {
      strides[axis] = stride
      stride *= shape[axis]
    }
    self.strides = strides
  }

  /// Number of elements outside, along and inside an axis, in memory order.
  func around(_ axis: Int) -> (outer: Int, length: Int, inner: Int) {
    let length = shape[axis]
    return (shape.count / max(length * strides[axis], 1), length, strides[axis])
  }

  /// Extent of the axis that is contiguous in memory.
  var lastExtent: Int { axes.last.map { shape[$0] } ?? 1 }

  /// Calls `body` with the indices of every element, in memory order.
  func forEach(_ body: ([Int]) -> Void) {
    var index = [Int](repeating: 0, count: shape.rank)
    for _ in 0..<shape.count {
      body(index)
      for axis in axes.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
  }

  /// Offset of an element in memory.
  func offset(_ index: [Int]) -> Int {
    var sum = 0
    for axis in index.indices { sum += index[axis] * strides[axis] }
    return sum
  }

  /// For every element of `result`, in memory order, the offset of the element of this value that is broadcast to it;
  /// nil if both have the same shape.
  func broadcastMap(to result: Shape) -> [Int32]? {
    guard shape != result else { return nil }
    let missing = result.rank - shape.rank
    var map: [Int32] = []
    map.reserveCapacity(result.count)
    MemoryOrder(result).forEach { index in
      var sum = 0
      for axis in 0..<shape.rank where shape[axis] > 1 { sum += index[axis + missing] * strides[axis] }
      map.append(Int32(sum))
    }
    return map
  }
}
