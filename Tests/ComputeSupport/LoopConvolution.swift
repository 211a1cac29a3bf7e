public import Compute

/// Convolution and its gradients as plain loops in double precision, on tensors in `[N, C, H, W]` order: the definition
/// that faster code is tested against.
public enum LoopConvolution {
  /// - Returns: `[N, K, H′, W′]`.
  public static func forward(_ x: Tensor, weight: Tensor, bias: Tensor?, _ g: ConvolutionGeometry) -> Tensor {
    let perPlane = g.output.height * g.output.width
    var sums = (0..<g.outputShape.count).map { Double(bias?[$0 / perPlane % g.output.channels] ?? 0) }
    forEachProduct(g) { xi, wi, yi in sums[yi] += Double(x[xi]) * Double(weight[wi]) }
    return Tensor(g.outputShape, sums.map { Float($0) })
  }

  /// Gradients with respect to the input, the filters and the bias for the output's gradient `dy`.
  public static func backward(
    _ dy: Tensor, x: Tensor, weight: Tensor, _ g: ConvolutionGeometry
  ) -> (dx: Tensor, dw: Tensor, db: Tensor) {
    var dx = [Double](repeating: 0, count: g.inputShape.count)
    var dw = [Double](repeating: 0, count: g.weightShape.count)
    var db = [Double](repeating: 0, count: g.output.channels)
    forEachProduct(g) { xi, wi, yi in
      dx[xi] += Double(dy[yi]) * Double(weight[wi])
      dw[wi] += Double(dy[yi]) * Double(x[xi])
    }
    let perPlane = g.output.height * g.output.width
    for yi in 0..<dy.count { db[yi / perPlane % g.output.channels] += Double(dy[yi]) }
    return (
      Tensor(g.inputShape, dx.map { Float($0) }), Tensor(g.weightShape, dw.map { Float($0) }),
      Tensor([g.output.channels], db.map { Float($0) })
    )
  }

  /// Calls `body` with the offsets of input, filter and output of every product that a convolution sums.
  private static func forEachProduct(_ g: ConvolutionGeometry, _ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
    let filtersPerGroup = g.output.channels / g.groups
    let channelsPerGroup = g.input.channels / g.groups
    var yi = 0
    for n in 0..<g.batch {
      for k in 0..<g.output.channels {
        for row in 0..<g.output.height {
          for column in 0..<g.output.width {
            for c in 0..<channelsPerGroup {
              let channel = k / filtersPerGroup * channelsPerGroup + c
              for r in 0..<g.kernel.height {
                let y = row * g.stride.height - g.padding.top + r * g.dilation.height
                guard (0..<g.input.height).contains(y) else { continue }
                for s in 0..<g.kernel.width {
                  let x = column * g.stride.width - g.padding.left + s * g.dilation.width
                  guard (0..<g.input.width).contains(x) else { continue }
                  let plane = (n * g.input.channels + channel) * g.input.height
                  let filter = (k * channelsPerGroup + c) * g.kernel.height
                  body((plane + y) * g.input.width + x, (filter + r) * g.kernel.width + s, yi)
                }
              }
            }
            yi += 1
          }
        }
      }
    }
  }
}
