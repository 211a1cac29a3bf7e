import Compute

/// How executors lay a value out: pictures as `[N, H, W, C]`, everything else in the tensors' order.
struct MemoryOrder {
  let shape: Shape
  /// Axes of the shape, outermost in memory first.
  let axes: [Int]
  /// Distance of neighbouring elements along each axis of the shape.
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

  /// Elements before, along and behind an axis, as memory has them.
  func around(_ axis: Int) -> (outer: Int, length: Int, inner: Int) {
    let length = shape[axis]
    return (shape.count / max(length * strides[axis], 1), length, strides[axis])
  }

  /// Extent of the axis whose elements are neighbours in memory.
  var lastExtent: Int { axes.last.map { shape[$0] } ?? 1 }

  /// Calls `body` with the indices of every element, in the order of memory.
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

  /// Where an element lies.
  func offset(_ index: [Int]) -> Int {
    var sum = 0
    for axis in index.indices { sum += index[axis] * strides[axis] }
    return sum
  }

  /// For every element of `result`, in the order of memory, where the element of this value lies that broadcasting puts
  /// there; nil when both have one shape.
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
