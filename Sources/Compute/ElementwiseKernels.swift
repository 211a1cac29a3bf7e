import CVectorLoops
import Glibc

/// Elementwise functions and their gradients, over whole buffers.
public enum ElementwiseKernels {
  public enum Function: Hashable, Sendable {
    case relu
    case leakyRelu(slope: Float)
    case clip(low: Float, high: Float)
    case sigmoid, tanh, silu, hardSwish
    case hardSigmoid(slope: Float, offset: Float)
    /// Exact, by the error function, and approximated by tanh.
    case gelu, geluTanh
    case exponential, squareRoot, errorFunction
  }

  /// `y = f(x)`.
  public static func apply(
    _ function: Function, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch function {
    case .relu: VectorKernels.relu(x, into: y, count: count)
    case .leakyRelu(let slope): for i in 0..<count { y[i] = x[i] > 0 ? x[i] : slope * x[i] }
    case .clip(let low, let high): clip_forward(x, y, count, low, high)
    case .sigmoid: sigmoid_forward(x, y, count)
    case .tanh: for i in 0..<count { y[i] = tanhf(x[i]) }
    case .silu: silu_forward(x, y, count)
    case .hardSwish: for i in 0..<count { y[i] = x[i] * min(max(x[i] / 6 + 0.5, 0), 1) }
    case .hardSigmoid(let slope, let offset):
      for i in 0..<count { y[i] = min(max(slope * x[i] + offset, 0), 1) }
    case .gelu: for i in 0..<count { y[i] = x[i] * 0.5 * (1 + erff(x[i] * Float(0.5).squareRoot())) }
    case .geluTanh: for i in 0..<count { y[i] = 0.5 * x[i] * (1 + tanhf(bend(x[i]))) }
    case .exponential: for i in 0..<count { y[i] = expf(x[i]) }
    case .squareRoot: for i in 0..<count { y[i] = x[i].squareRoot() }
    case .errorFunction: for i in 0..<count { y[i] = erff(x[i]) }
    }
  }

  /// `dx = dy · f′(x)`; `x` is not read if the derivative follows from the output `y`.
  public static func gradient(
    _ function: Function, _ dy: UnsafePointer<Float>, input x: UnsafePointer<Float>, output y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch function {
    case .relu: VectorKernels.reluGradient(dy, output: y, into: dx, count: count)
    case .leakyRelu(let slope): for i in 0..<count { dx[i] = x[i] > 0 ? dy[i] : slope * dy[i] }
    case .clip(let low, let high): clip_gradient(x, dy, dx, count, low, high)
    case .sigmoid: for i in 0..<count { dx[i] = dy[i] * y[i] * (1 - y[i]) }
    case .tanh: for i in 0..<count { dx[i] = dy[i] * (1 - y[i] * y[i]) }
    case .silu: silu_gradient(x, dy, dx, count)
    case .hardSwish:
      for i in 0..<count { dx[i] = x[i] <= -3 ? 0 : x[i] >= 3 ? dy[i] : dy[i] * (x[i] / 3 + 0.5) }
    case .hardSigmoid(let slope, let offset):
      for i in 0..<count {
        let value = slope * x[i] + offset
        dx[i] = value > 0 && value < 1 ? slope * dy[i] : 0
      }
    case .gelu:
      let density = (2 * Float.pi).squareRoot()
      for i in 0..<count {
        let share = 0.5 * (1 + erff(x[i] * Float(0.5).squareRoot()))
        dx[i] = dy[i] * (share + x[i] * expf(-x[i] * x[i] / 2) / density)
      }
    case .geluTanh:
      for i in 0..<count {
        let t = tanhf(bend(x[i]))
        let slope = (2 / Float.pi).squareRoot() * (1 + 3 * 0.044715 * x[i] * x[i])
        dx[i] = dy[i] * (0.5 * (1 + t) + 0.5 * x[i] * (1 - t * t) * slope)
      }
    case .exponential: for i in 0..<count { dx[i] = dy[i] * y[i] }
    case .squareRoot: for i in 0..<count { dx[i] = dy[i] / (2 * max(y[i], .leastNormalMagnitude)) }
    case .errorFunction:
      let height = 2 / Float.pi.squareRoot()
      for i in 0..<count { dx[i] = dy[i] * height * expf(-x[i] * x[i]) }
    }
  }

  /// The argument of the tanh in the approximation of GELU (Hendrycks and Gimpel 2016).
  @inline(__always)
  private static func bend(_ x: Float) -> Float { (2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x) }
}
