public import Compute

/// The operation of a node, with its settings other than tensors.
///
/// Axes count from 0, the batch axis; shapes are in tensor order, `[N, C, H, W]` for images.
public enum Operator: Hashable, Sendable {
  /// `[N, C, H, W]` to `[N, K, H′, W′]`; parameters `weight` `[K, C / groups, R, S]` and optionally `bias` `[K]`.
  case convolution(ConvolutionSettings)
  /// `[N, C, H, W]` to `[N, K, H′, W′]`; parameters `weight` `[C, K / groups, R, S]` and optionally `bias` `[K]`.
  case transposedConvolution(TransposedConvolutionSettings)
  /// Normalises each channel; parameters `scale`, `shift`, `mean`, `variance`, each `[C]`.
  case batchNorm(BatchNormSettings)
  /// Normalises over the axes from `axis` on (Ba et al. 2016); parameters `scale` and optionally `shift` of that shape.
  case layerNorm(axis: Int, epsilon: Float)
  /// Normalises groups of channels of each sample (Wu and He 2018); parameters `scale`, `shift` `[C]`.
  case groupNorm(groups: Int, epsilon: Float)
  /// Normalises each channel of each sample (Ulyanov et al. 2016); parameters `scale`, `shift` `[C]`.
  case instanceNorm(epsilon: Float)
  case activation(ActivationFunction)
  /// Normalises along an axis to positive values that sum to 1.
  case softmax(axis: Int)
  case maxPool(PoolSettings)
  /// `countsPadding`: padding zeros count as elements of the mean.
  case averagePool(PoolSettings, countsPadding: Bool)
  /// `[N, C, H, W]` to `[N, C, 1, 1]`.
  case globalAveragePool
  /// Normalised co-occurrence histograms of neighbouring values (Haralick et al. 1973), with soft bins: `[N, C, H, W]`
  /// to `[N, C · offsets · cells]`.
  case cooccurrence(CooccurrenceSettings)
  /// Reduces the axes to one element; `keepsAxes` keeps them with extent 1.
  case reduce(Reduction, axes: [Int], keepsAxes: Bool)
  /// In training, zeroes elements with probability `rate` and scales the others by `1 / (1 - rate)`.
  case dropout(rate: Float)
  /// Merges all axes before `axis` into one, and all from it on into another.
  case flatten(axis: Int)
  /// Another shape with the same number of elements, in the same order; 0 keeps the axis's extent, one -1 is inferred.
  case reshape([Int])
  /// Axis i of the result is axis `order[i]` of the input.
  case transpose([Int])
  case slice([AxisSlice])
  case pad(PadSettings)
  case resize(ResizeSettings)
  /// `[…, F]` to `[…, G]`; parameters `weight` `[G, F]` and optionally `bias` `[G]`.
  case linear
  /// `[…, M, K]` and `[…, K, N]` to `[…, M, N]`, leading axes broadcast.
  case matMul
  /// A binary function of two values.
  case binary(BinaryFunction)
  /// Concatenates values along an axis.
  case concat(axis: Int)
  case identity
  /// A tensor that is not trained; parameter `value`.
  case constant
}

extension Operator {
  public static let relu = Operator.activation(.relu)
  public static let sigmoid = Operator.activation(.sigmoid)
  public static let add = Operator.binary(.add)

  /// The operator's name in graph files and messages.
  public var name: String {
    switch self {
    case .convolution: "convolution"
    case .transposedConvolution: "transposedConvolution"
    case .batchNorm: "batchNorm"
    case .layerNorm: "layerNorm"
    case .groupNorm: "groupNorm"
    case .instanceNorm: "instanceNorm"
    case .activation(let function): function.name
    case .softmax: "softmax"
    case .maxPool: "maxPool"
    case .averagePool: "averagePool"
    case .globalAveragePool: "globalAveragePool"
    case .cooccurrence: "cooccurrence"
    case .reduce: "reduce"
    case .dropout: "dropout"
    case .flatten: "flatten"
    case .reshape: "reshape"
    case .transpose: "transpose"
    case .slice: "slice"
    case .pad: "pad"
    case .resize: "resize"
    case .linear: "linear"
    case .matMul: "matMul"
    case .binary(let function): function.rawValue
    case .concat: "concat"
    case .identity: "identity"
    case .constant: "constant"
    }
  }

  /// Roles of the required and the optional parameters of a node.
  var roles: (required: [String], optional: [String]) {
    switch self {
    case .convolution, .transposedConvolution, .linear: (["weight"], ["bias"])
    case .batchNorm: (["scale", "shift", "mean", "variance"], [])
    case .layerNorm: (["scale"], ["shift"])
    case .groupNorm, .instanceNorm: (["scale", "shift"], [])
    case .constant: (["value"], [])
    default: ([], [])
    }
  }

  /// Whether the parameter of that role is trainable; running statistics are updated from the data instead.
  func trains(_ role: String) -> Bool {
    role != "mean" && role != "variance" && role != "value"
  }
}

extension ActivationFunction {
  var name: String {
    switch self {
    case .relu: "relu"
    case .leakyRelu: "leakyRelu"
    case .clip: "clip"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .silu: "silu"
    case .hardSwish: "hardSwish"
    case .hardSigmoid: "hardSigmoid"
    case .gelu: "gelu"
    case .exponential: "exponential"
    case .squareRoot: "squareRoot"
    case .errorFunction: "errorFunction"
    }
  }
}
