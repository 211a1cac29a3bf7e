public import Compute

/// Stride, spacing, padding and groups of a convolution; the filter's extents are those of its weights.
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

/// A convolution run backwards: every element of the input is spread over a window of the output.
public struct TransposedConvolutionSettings: Hashable, Sendable, Codable {
  /// Of the convolution that leads from the output back to the input.
  public var convolution: ConvolutionSettings
  /// Rows and columns of the output that no window starts at, below and to the right.
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
  /// Share of the new batch in the running statistics.
  public var momentum: Float

  public init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.epsilon = epsilon
    self.momentum = momentum
  }
}

/// Windows of a pooling layer.
public struct PoolSettings: Hashable, Sendable, Codable {
  public var kernel: Pair
  public var stride: Pair
  public var padding: Padding

  /// - Parameter stride: the windows' own extent when nil.
  public init(kernel: Pair, stride: Pair? = nil, padding: Padding = Padding(0)) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }
}

/// A function of each element by itself.
public enum ActivationFunction: Hashable, Sendable, Codable {
  case relu
  case leakyRelu(slope: Float)
  /// Values below `low` become `low`, above `high` `high`.
  case clip(low: Float, high: Float)
  case sigmoid
  case tanh
  /// `x · sigmoid(x)`.
  case silu
  /// `x · clip(x / 6 + 1 / 2, 0, 1)`.
  case hardSwish
  /// `clip(slope · x + offset, 0, 1)`.
  case hardSigmoid(slope: Float, offset: Float)
  /// `x · Φ(x)`, Φ the normal distribution's; the approximation is by a tanh (Hendrycks and Gimpel 2016).
  case gelu(approximate: Bool)
  case exponential
  case squareRoot
  /// 2/√π times the integral of exp(-t²) from 0 to x.
  case errorFunction
}

/// A function of two values, the shapes broadcast as NumPy does: axes are counted from the last one, and an extent of 1
/// stands for every index.
public enum BinaryFunction: String, Hashable, Sendable, Codable, CaseIterable {
  case add, subtract, multiply, divide
}

/// Part of one axis.
public struct AxisSlice: Hashable, Sendable, Codable {
  public var axis: Int
  /// First index, at least 0.
  public var start: Int
  /// Indices taken.
  public var count: Int
  /// Distance of neighbouring indices; negative goes downwards.
  public var step: Int

  public init(axis: Int, start: Int, count: Int, step: Int = 1) {
    self.axis = axis
    self.start = start
    self.count = count
    self.step = step
  }
}

/// What is put around a value; one number for each axis.
public struct PadSettings: Hashable, Sendable, Codable {
  public enum Mode: Hashable, Sendable, Codable {
    case constant(Float)
    /// Mirrored at the outermost element, which is not repeated.
    case reflect
    /// The outermost element again and again.
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

/// Pictures in another size.
public struct ResizeSettings: Hashable, Sendable, Codable {
  public enum Method: String, Hashable, Sendable, Codable { case nearest, bilinear }

  /// Where the middle of an output element lies in the input (ONNX's names).
  public enum Coordinates: String, Hashable, Sendable, Codable {
    case halfPixel, alignCorners, asymmetric, pytorchHalfPixel
  }

  /// How a place between two elements becomes one of them.
  public enum Rounding: String, Hashable, Sendable, Codable { case floor, ceil, roundPreferFloor, roundPreferCeil }

  public enum Target: Hashable, Sendable, Codable {
    /// Rows and columns.
    case size(Pair)
    /// Factors; the extents are rounded down.
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

/// How many elements become one.
public enum Reduction: String, Hashable, Sendable, Codable, CaseIterable {
  case mean, sum, maximum
}
