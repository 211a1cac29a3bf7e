public import Compute

/// Stride, dilation, padding and groups of a convolution; the filter extents are those of its weights.
public struct ConvolutionSettings: Hashable, Sendable, Codable {
  public var stride: Pair
  public var dilation: Pair
  public var padding: Padding
  public var groups: Int

  public init(
    stride: Pair = Pair(1), dilation: Pair = Pair(1), padding: Padding = Padding(0), groups: Int = 1
  ) {
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.groups = groups
  }
}

/// The transpose of a convolution: spreads every input element over a window of the output.
public struct TransposedConvolutionSettings: Hashable, Sendable, Codable {
  /// The convolution from the output back to the input, whose transpose this is.
  public var convolution: ConvolutionSettings
  /// Rows and columns added to the output at the bottom and on the right.
  public var outputPadding: Pair

  public init(convolution: ConvolutionSettings = ConvolutionSettings(), outputPadding: Pair = Pair(0)) {
    self.convolution = convolution
    self.outputPadding = outputPadding
  }
}

/// Constants of a batch normalisation.
public struct BatchNormSettings: Hashable, Sendable, Codable {
  /// Added to the variance.
  public var epsilon: Float
  /// Weight of the new batch in the running statistics.
  public var momentum: Float

  public init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.epsilon = epsilon
    self.momentum = momentum
  }
}

/// Window, stride and padding of a pooling layer.
public struct PoolSettings: Hashable, Sendable, Codable {
  public var kernel: Pair
  public var stride: Pair
  public var padding: Padding

  /// - Parameter stride: defaults to the window's extent.
  public init(kernel: Pair, stride: Pair? = nil, padding: Padding = Padding(0)) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }
}

/// An elementwise function.
public enum ActivationFunction: Hashable, Sendable, Codable {
  case relu
  case leakyRelu(slope: Float)
  /// Clamps to `low`…`high`.
  case clip(low: Float, high: Float)
  case sigmoid
  case tanh
  /// `x · sigmoid(x)`.
  case silu
  /// `x · clip(x / 6 + 1 / 2, 0, 1)`.
  case hardSwish
  /// `clip(slope · x + offset, 0, 1)`.
  case hardSigmoid(slope: Float, offset: Float)
  /// `x · Φ(x)` with Φ the standard normal CDF; the approximation uses tanh (Hendrycks and Gimpel 2016).
  case gelu(approximate: Bool)
  case exponential
  case squareRoot
  /// 2/√π times the integral of exp(-t²) from 0 to x.
  case errorFunction
}

/// A function of two values with NumPy broadcasting: axes are aligned from the last one, and an extent of 1 is repeated
/// along its axis.
public enum BinaryFunction: String, Hashable, Sendable, Codable, CaseIterable {
  case add, subtract, multiply, divide
}

/// A slice of one axis.
public struct AxisSlice: Hashable, Sendable, Codable {
  public var axis: Int
  /// First index, at least 0.
  public var start: Int
  /// Number of indices.
  public var count: Int
  /// Distance between successive indices; negative for descending order.
  public var step: Int

  public init(axis: Int, start: Int, count: Int, step: Int = 1) {
    self.axis = axis
    self.start = start
    self.count = count
    self.step = step
  }
}

/// Padding of a value, with one number per axis.
public struct PadSettings: Hashable, Sendable, Codable {
  public enum Mode: Hashable, Sendable, Codable {
    case constant(Float)
    /// Mirrors at the outermost element, which is not repeated.
    case reflect
    /// Repeats the outermost element.
    case edge
  }

  public var before: [Int]
  public var after: [Int]
  public var mode: Mode

  public init(before: [Int], after: [Int], mode: Mode = .constant(0)) {
    self.before = before
    self.after = after
    self.mode = mode
  }
}

/// Resizes images.
public struct ResizeSettings: Hashable, Sendable, Codable {
  public enum Method: String, Hashable, Sendable, Codable { case nearest, bilinear }

  /// Position of an output element's centre in the input (ONNX's names).
  public enum Coordinates: String, Hashable, Sendable, Codable {
    case halfPixel, alignCorners, asymmetric, pytorchHalfPixel
  }

  /// Rounding of a position between two elements.
  public enum Rounding: String, Hashable, Sendable, Codable { case floor, ceil, roundPreferFloor, roundPreferCeil }

  public enum Target: Hashable, Sendable, Codable {
    /// Height and width.
    case size(Pair)
    /// Scale factors; the extents are rounded down.
    case scale(height: Float, width: Float)
  }

  public var method: Method
  public var coordinates: Coordinates
  public var rounding: Rounding
  public var target: Target

  public init(
    _ target: Target, method: Method, coordinates: Coordinates = .halfPixel, rounding: Rounding = .roundPreferFloor
  ) {
    self.target = target
    self.method = method
    self.coordinates = coordinates
    self.rounding = rounding
  }
}

/// Reduction of several elements to one.
public enum Reduction: String, Hashable, Sendable, Codable, CaseIterable {
  case mean, sum, maximum
}
