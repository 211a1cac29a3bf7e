public import Compute

/// Convolution as a matrix product (Chellapilla et al. 2006) by OpenBLAS, on tensors in `[N, C, H, W]` order.
///
/// The reference that the oneDNN kernels are tested against; `LoopConvolution` is its own, written as the definition.
public enum Im2colConvolution {
  /// - Parameters:
  ///   - x: `[N, C, H, W]`.
  ///   - weight: `[K, C / groups, R, S]`.
  ///   - bias: `[K]`; nil: zeros.
  /// - Returns: `[N, K, H′, W′]`.
  /// - Precondition: the shapes are those of the geometry.
  public static func forward(_ x: Tensor, weight: Tensor, bias: Tensor?, _ g: ConvolutionGeometry) -> Tensor {
    g.checkShapes(x: x, weight: weight)
    let parts = GroupParts(g)
    let columns = AlignedStorage(uninitialisedCount: parts.window * parts.places)
    return x.withFloats { x in
      weight.withFloats { w in
        Tensor(g.outputShape) { y in
          for (n, group) in parts.all {
            unfold(x.start + parts.x(n, group), g, into: columns.base)
            let target = y.start + parts.y(n, group)
            fillWithBias(bias, group, parts, target)
            MatrixProduct.multiply(
              m: parts.filters, n: parts.places, k: parts.window, w.start + parts.weight(group), columns.base, beta: 1,
              into: target)
          }
        }
      }
    }
  }

  /// Gradient with respect to `x` for the output's gradient `dy`.
  public static func inputGradient(_ dy: Tensor, weight: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    precondition(dy.shape == g.outputShape, "gradient \(dy.shape), output \(g.outputShape)")
    let parts = GroupParts(g)
    let columns = AlignedStorage(uninitialisedCount: parts.window * parts.places)
    return dy.withFloats { dy in
      weight.withFloats { w in
        Tensor(g.inputShape) { dx in
          dx.update(repeating: 0)
          for (n, group) in parts.all {
            MatrixProduct.multiply(
              m: parts.window, n: parts.places, k: parts.filters, w.start + parts.weight(group), transposeA: true,
              dy.start + parts.y(n, group), into: columns.base)
            fold(columns.base, g, addingTo: dx.start + parts.x(n, group))
          }
        }
      }
    }
  }

  /// Gradients with respect to the filters and the bias, summed over the batch.
  public static func parameterGradients(
    _ dy: Tensor, x: Tensor, _ g: ConvolutionGeometry
  ) -> (weight: Tensor, bias: Tensor) {
    precondition(dy.shape == g.outputShape, "gradient \(dy.shape), output \(g.outputShape)")
    let parts = GroupParts(g)
    let columns = AlignedStorage(uninitialisedCount: parts.window * parts.places)
    var dw = Tensor(g.weightShape)
    var db = Tensor([g.output.channels])
    for (n, group) in parts.all {
      x.withFloats { unfold($0.start + parts.x(n, group), g, into: columns.base) }
      dy.withFloats { dy in
        let part = dy.start + parts.y(n, group)
        dw.withMutableFloats { dw in
          MatrixProduct.multiply(
            m: parts.filters, n: parts.window, k: parts.places, part, columns.base, transposeB: true, beta: 1,
            into: dw.start + parts.weight(group))
        }
        for k in 0..<parts.filters {
          for place in 0..<parts.places { db[group * parts.filters + k] += part[k * parts.places + place] }
        }
      }
    }
    return (dw, db)
  }

  private static func fillWithBias(
    _ bias: Tensor?, _ group: Int, _ parts: GroupParts, _ target: UnsafeMutablePointer<Float>
  ) {
    for k in 0..<parts.filters {
      let value = bias?[group * parts.filters + k] ?? 0
      (target + k * parts.places).update(repeating: value, count: parts.places)
    }
  }

  /// The windows of one group's planes as columns: `[C / groups · R · S, H′ · W′]`.
  private static func unfold(
    _ x: UnsafePointer<Float>, _ g: ConvolutionGeometry, into columns: UnsafeMutablePointer<Float>
  ) {
    g.forEachWindowElement { source, target in columns[target] = source.map { x[$0] } ?? 0 }
  }

  /// Adds columns back to the places that they were taken from.
  private static func fold(
    _ columns: UnsafePointer<Float>, _ g: ConvolutionGeometry, addingTo x: UnsafeMutablePointer<Float>
  ) {
    g.forEachWindowElement { source, target in
      if let source { x[source] += columns[target] }
    }
  }
}

/// Offsets of one sample's one group in the tensors of a convolution.
private struct GroupParts {
  /// Elements under one filter, filters of a group, places of the output.
  let window: Int
  let filters: Int
  let places: Int
  private let g: ConvolutionGeometry

  init(_ g: ConvolutionGeometry) {
    self.g = g
    window = g.weightShape.sample.count
    filters = g.output.channels / g.groups
    places = g.output.height * g.output.width
  }

  /// Every sample with every group.
  var all: [(sample: Int, group: Int)] {
    (0..<g.batch).flatMap { n in (0..<g.groups).map { (n, $0) } }
  }

  func x(_ sample: Int, _ group: Int) -> Int { sample * g.input.count + group * (g.input.count / g.groups) }
  func y(_ sample: Int, _ group: Int) -> Int { sample * g.output.count + group * filters * places }
  func weight(_ group: Int) -> Int { group * filters * window }
}

extension ConvolutionGeometry {
  /// Calls `body` for every element of the column matrix of one group, with the offset of the input that it is, nil in
  /// the padding.
  fileprivate func forEachWindowElement(_ body: (_ source: Int?, _ target: Int) -> Void) {
    var target = 0
    for c in 0..<(input.channels / groups) {
      for r in 0..<kernel.height {
        for s in 0..<kernel.width {
          for row in 0..<output.height {
            let y = row * stride.height - padding.top + r * dilation.height
            for column in 0..<output.width {
              let x = column * stride.width - padding.left + s * dilation.width
              let inside = y >= 0 && y < input.height && x >= 0 && x < input.width
              body(inside ? (c * input.height + y) * input.width + x : nil, target)
              target += 1
            }
          }
        }
      }
    }
  }

  fileprivate func checkShapes(x: Tensor, weight: Tensor) {
    precondition(x.shape == inputShape, "input \(x.shape) where \(inputShape) was due")
    precondition(weight.shape == weightShape, "filters \(weight.shape) where \(weightShape) was due")
  }
}
