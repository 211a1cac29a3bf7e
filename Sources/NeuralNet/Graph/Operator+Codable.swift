import Compute

/// In JSON an operator is an object with its name under `type`, and its settings beside it.
extension Operator: Codable {
  private enum Key: String, CodingKey {
    case type, countsPadding, rate, axis, axes, keepsAxes, epsilon, groups, shape, order, slices, padding, reduction
    case low, high, slope, offset, approximate
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    let type = try fields.decode(String.self, forKey: .type)
    if let function = BinaryFunction(rawValue: type) {
      self = .binary(function)
      return
    }
    if let function = try Self.activation(type, fields) {
      self = .activation(function)
      return
    }
    switch type {
    case "convolution": self = .convolution(try ConvolutionSettings(from: decoder))
    case "transposedConvolution": self = .transposedConvolution(try TransposedConvolutionSettings(from: decoder))
    case "batchNorm": self = .batchNorm(try BatchNormSettings(from: decoder))
    case "layerNorm":
      self = .layerNorm(axis: try fields.decode(Int.self, forKey: .axis), epsilon: try fields.number(.epsilon))
    case "groupNorm":
      self = .groupNorm(groups: try fields.decode(Int.self, forKey: .groups), epsilon: try fields.number(.epsilon))
    case "instanceNorm": self = .instanceNorm(epsilon: try fields.number(.epsilon))
    case "softmax": self = .softmax(axis: try fields.decode(Int.self, forKey: .axis))
    case "maxPool": self = .maxPool(try PoolSettings(from: decoder))
    case "averagePool":
      let countsPadding = try fields.decode(Bool.self, forKey: .countsPadding)
      self = .averagePool(try PoolSettings(from: decoder), countsPadding: countsPadding)
    case "globalAveragePool": self = .globalAveragePool
    case "cooccurrence": self = .cooccurrence(try CooccurrenceSettings(from: decoder))
    case "reduce":
      self = .reduce(
        try fields.decode(Reduction.self, forKey: .reduction), axes: try fields.decode([Int].self, forKey: .axes),
        keepsAxes: try fields.decode(Bool.self, forKey: .keepsAxes))
    case "dropout": self = .dropout(rate: try fields.number(.rate))
    // Files of the first version have no axis; the default was 1.
    case "flatten": self = .flatten(axis: try fields.decodeIfPresent(Int.self, forKey: .axis) ?? 1)
    case "concat": self = .concat(axis: try fields.decodeIfPresent(Int.self, forKey: .axis) ?? 1)
    case "reshape": self = .reshape(try fields.decode([Int].self, forKey: .shape))
    case "transpose": self = .transpose(try fields.decode([Int].self, forKey: .order))
    case "slice": self = .slice(try fields.decode([AxisSlice].self, forKey: .slices))
    case "pad": self = .pad(try fields.decode(PadSettings.self, forKey: .padding))
    case "resize": self = .resize(try ResizeSettings(from: decoder))
    case "linear": self = .linear
    case "matMul": self = .matMul
    case "identity": self = .identity
    case "constant": self = .constant
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .type, in: fields, debugDescription: "unknown operator '\(type)'")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(name, forKey: .type)
    switch self {
    case .convolution(let settings): try settings.encode(to: encoder)
    case .transposedConvolution(let settings): try settings.encode(to: encoder)
    case .batchNorm(let settings): try settings.encode(to: encoder)
    case .layerNorm(let axis, let epsilon):
      try fields.encode(axis, forKey: .axis)
      try fields.encode(epsilon, forKey: .epsilon)
    case .groupNorm(let groups, let epsilon):
      try fields.encode(groups, forKey: .groups)
      try fields.encode(epsilon, forKey: .epsilon)
    case .instanceNorm(let epsilon): try fields.encode(epsilon, forKey: .epsilon)
    case .activation(let function): try Self.encode(function, &fields)
    case .softmax(let axis), .flatten(let axis), .concat(let axis): try fields.encode(axis, forKey: .axis)
    case .maxPool(let settings): try settings.encode(to: encoder)
    case .averagePool(let settings, let countsPadding):
      try settings.encode(to: encoder)
      try fields.encode(countsPadding, forKey: .countsPadding)
    case .cooccurrence(let settings): try settings.encode(to: encoder)
    case .reduce(let reduction, let axes, let keepsAxes):
      try fields.encode(reduction, forKey: .reduction)
      try fields.encode(axes, forKey: .axes)
      try fields.encode(keepsAxes, forKey: .keepsAxes)
    case .dropout(let rate): try fields.encode(rate, forKey: .rate)
    case .reshape(let shape): try fields.encode(shape, forKey: .shape)
    case .transpose(let order): try fields.encode(order, forKey: .order)
    case .slice(let slices): try fields.encode(slices, forKey: .slices)
    case .pad(let padding): try fields.encode(padding, forKey: .padding)
    case .resize(let settings): try settings.encode(to: encoder)
    case .globalAveragePool, .linear, .matMul, .binary, .identity, .constant: break
    }
  }

  /// The activation of that name; nil if the name belongs to another operator.
  private static func activation(
    _ name: String, _ fields: KeyedDecodingContainer<Key>
  ) throws -> ActivationFunction? {
    switch name {
    case "relu": .relu
    case "leakyRelu": .leakyRelu(slope: try fields.number(.slope))
    case "clip": .clip(low: try fields.number(.low), high: try fields.number(.high))
    case "sigmoid": .sigmoid
    case "tanh": .tanh
    case "silu": .silu
    case "hardSwish": .hardSwish
    case "hardSigmoid": .hardSigmoid(slope: try fields.number(.slope), offset: try fields.number(.offset))
    case "gelu": .gelu(approximate: try fields.decode(Bool.self, forKey: .approximate))
    case "exponential": .exponential
    case "squareRoot": .squareRoot
    case "errorFunction": .errorFunction
    default: nil
    }
  }

  private static func encode(
    _ function: ActivationFunction, _ fields: inout KeyedEncodingContainer<Key>
  ) throws {
    switch function {
    case .leakyRelu(let slope): try fields.encode(slope, forKey: .slope)
    case .clip(let low, let high):
      try fields.encode(low, forKey: .low)
      try fields.encode(high, forKey: .high)
    case .hardSigmoid(let slope, let offset):
      try fields.encode(slope, forKey: .slope)
      try fields.encode(offset, forKey: .offset)
    case .gelu(let approximate): try fields.encode(approximate, forKey: .approximate)
    case .relu, .sigmoid, .tanh, .silu, .hardSwish, .exponential, .squareRoot, .errorFunction: break
    }
  }
}

extension KeyedDecodingContainer {
  fileprivate func number(_ key: Key) throws -> Float { try decode(Float.self, forKey: key) }
}
