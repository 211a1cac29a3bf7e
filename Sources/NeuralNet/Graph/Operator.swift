public import Compute

/// What a node computes, with the settings that are not tensors.
public enum Operator: Hashable, Sendable {
  /// `[N, C, H, W]` to `[N, K, H′, W′]`; parameters `weight` `[K, C / groups, R, S]` and optionally `bias` `[K]`.
  case convolution(ConvolutionSettings)
  /// Normalises each channel; parameters `scale`, `shift`, `mean`, `variance`, each `[C]`.
  case batchNorm(BatchNormSettings)
  case relu
  case sigmoid
  case maxPool(PoolSettings)
  /// `countsPadding`: zeros of the padding are elements of the mean.
  case averagePool(PoolSettings, countsPadding: Bool)
  /// `[N, C, H, W]` to `[N, C, 1, 1]`.
  case globalAveragePool
  /// In training, elements become 0 with probability `rate`, the others grow by `1 / (1 - rate)`.
  case dropout(rate: Float)
  /// `[N, …]` to `[N, F]`, in `[C, H, W]` order.
  case flatten
  /// `[N, F]` to `[N, G]`; parameters `weight` `[G, F]` and optionally `bias` `[G]`.
  case linear
  /// Sum of two values of one shape.
  case add
  /// Values behind each other along the channels.
  case concat
  case identity
}

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

extension Operator {
  /// The operator's name in graph files and messages.
  public var name: String {
    switch self {
    case .convolution: "convolution"
    case .batchNorm: "batchNorm"
    case .relu: "relu"
    case .sigmoid: "sigmoid"
    case .maxPool: "maxPool"
    case .averagePool: "averagePool"
    case .globalAveragePool: "globalAveragePool"
    case .dropout: "dropout"
    case .flatten: "flatten"
    case .linear: "linear"
    case .add: "add"
    case .concat: "concat"
    case .identity: "identity"
    }
  }

  /// Roles of the parameters that a node must name, and of those that it may.
  var roles: (required: [String], optional: [String]) {
    switch self {
    case .convolution, .linear: (["weight"], ["bias"])
    case .batchNorm: (["scale", "shift", "mean", "variance"], [])
    default: ([], [])
    }
  }

  /// Whether the optimiser changes the parameter of that role; running statistics follow the data instead.
  func trains(_ role: String) -> Bool {
    role != "mean" && role != "variance"
  }
}
