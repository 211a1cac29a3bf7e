import Compute

/// In JSON an operator is an object of its name under `type` and its settings beside it.
extension Operator: Codable {
  private enum Key: String, CodingKey {
    case type, countsPadding, rate
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    let type = try fields.decode(String.self, forKey: .type)
    switch type {
    case "convolution": self = .convolution(try ConvolutionSettings(from: decoder))
    case "batchNorm": self = .batchNorm(try BatchNormSettings(from: decoder))
    case "relu": self = .relu
    case "sigmoid": self = .sigmoid
    case "maxPool": self = .maxPool(try PoolSettings(from: decoder))
    case "averagePool":
      let countsPadding = try fields.decode(Bool.self, forKey: .countsPadding)
      self = .averagePool(try PoolSettings(from: decoder), countsPadding: countsPadding)
    case "globalAveragePool": self = .globalAveragePool
    case "dropout": self = .dropout(rate: try fields.decode(Float.self, forKey: .rate))
    case "flatten": self = .flatten
    case "linear": self = .linear
    case "add": self = .add
    case "concat": self = .concat
    case "identity": self = .identity
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
    case .batchNorm(let settings): try settings.encode(to: encoder)
    case .maxPool(let settings): try settings.encode(to: encoder)
    case .averagePool(let settings, let countsPadding):
      try settings.encode(to: encoder)
      try fields.encode(countsPadding, forKey: .countsPadding)
    case .dropout(let rate): try fields.encode(rate, forKey: .rate)
    case .relu, .sigmoid, .globalAveragePool, .flatten, .linear, .add, .concat, .identity: break
    }
  }
}
