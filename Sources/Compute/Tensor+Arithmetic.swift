/// Whole-tensor operations for optimisers, attacks and tests; networks use the kernels.
extension Tensor {
  /// Applies `transform` to each element.
  public func map(_ transform: (Float) -> Float) -> Tensor {
    withFloats { x in
      Tensor(shape) { y in
        for i in 0..<x.count { y[i] = transform(x[i]) }
      }
    }
  }

  /// Combines corresponding elements of both tensors with `combine`.
  ///
  /// - Precondition: the shapes are equal.
  public func zip(_ other: Tensor, _ combine: (Float, Float) -> Float) -> Tensor {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    return withFloats { x in
      other.withFloats { y in
        Tensor(shape) { z in
          for i in 0..<x.count { z[i] = combine(x[i], y[i]) }
        }
      }
    }
  }

  /// `self += factor · other`, in place.
  ///
  /// - Precondition: the shapes are equal.
  public mutating func add(_ other: Tensor, times factor: Float = 1) {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    withMutableFloats { x in
      other.withFloats { y in
        for i in 0..<x.count { x[i] += factor * y[i] }
      }
    }
  }

  /// `self *= factor`, in place.
  public mutating func scale(by factor: Float) {
    withMutableFloats { x in
      for i in 0..<x.count { x[i] *= factor }
    }
  }

  /// Dot product of the elements of both, in double precision.
  ///
  /// - Precondition: both have the same number of elements.
  public func dot(_ other: Tensor) -> Double {
    precondition(count == other.count, "shapes differ: \(shape) and \(other.shape)")
    return withFloats { x in
      other.withFloats { y in
        var sum = 0.0
        for i in 0..<x.count { sum += Double(x[i]) * Double(y[i]) }
        return sum
      }
    }
  }

  /// Whether all elements are finite.
  public var isFinite: Bool {
    withFloats { VectorKernels.allFinite($0) }
  }

  /// Normal deviates with mean 0.
  public static func normal(
    _ shape: Shape, standardDeviation: Float = 1, using generator: inout SeededGenerator
  ) -> Tensor {
    Tensor(shape) { x in
      for i in 0..<x.count { x[i] = standardDeviation * generator.normal() }
    }
  }

  /// Uniform deviates.
  public static func uniform(
    _ shape: Shape, in range: Range<Float>, using generator: inout SeededGenerator
  ) -> Tensor {
    Tensor(shape) { x in
      for i in 0..<x.count {
        x[i] = range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniform()
      }
    }
  }
}

extension Tensor {
  /// A copy of a range of entries of the first axis.
  ///
  /// - Precondition: the range lies within the first axis.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0], "no rows \(range) in \(shape)")
    let width = shape.sample.count
    return withFloats { x in
      Tensor(shape.withBatch(range.count)) { y in
        y.start.update(from: x.start + range.lowerBound * width, count: range.count * width)
      }
    }
  }
}
