import Compute
import NeuralNet

/// Small networks of the kinds that Assay uses.
enum SampleNetworks {
  /// The paper's layout in small: convolution, batch norm, ReLU, pool, twice; dropout; two linear layers.
  static func paper(size: Int = 16, dropout: Float = 0.3, seed: UInt64 = 1) -> Network {
    var build = NetworkBuilder(inputShape: [3, size, size], seed: seed)
    for (index, channels) in [8, 16].enumerated() {
      build.convolution("conv\(index)", channels: channels, kernel: 3)
      build.batchNorm("norm\(index)")
      build.relu("relu\(index)")
      build.maxPool("pool\(index)", 2)
    }
    build.flatten("flat")
    build.dropout("drop", rate: dropout)
    build.linear("hidden", features: 8)
    build.relu("relu")
    build.linear("logit", features: 1)
    return build.network
  }

  /// Branches, a residual sum with a ReLU, a batch norm that cannot be folded, concat and pooling of all kinds.
  static func branched(seed: UInt64 = 2) -> Network {
    var build = NetworkBuilder(inputShape: [3, 12, 10], seed: seed)
    build.batchNorm("first")
    build.convolution("stem", channels: 8, kernel: 3, bias: true)
    build.batchNorm("stemNorm")
    build.relu("stemRelu")
    build.convolution("deep", channels: 8, kernel: 3, groups: 8)
    build.batchNorm("deepNorm")
    build.add("sum", "stemRelu")
    build.relu("sumRelu")
    build.averagePool("mean", 2)
    build.current = "sumRelu"
    build.maxPool("max", 2)
    build.concat("joined", ["mean", "max"])
    build.append("same", .identity)
    build.globalAveragePool("global")
    build.flatten("flat")
    build.linear("logit", features: 2)
    return build.network
  }

  /// `network` with random statistics, scales and shifts, as after training.
  static func trained(_ network: Network, seed: UInt64 = 3) -> Network {
    var generator = SeededGenerator(seed: seed)
    var network = network
    for (name, tensor) in network.parameters.sorted(by: { $0.key < $1.key }) where tensor.shape.rank == 1 {
      network.parameters[name] = .uniform(tensor.shape, in: 0.3..<1.7, using: &generator)
    }
    return network
  }

  static func input(_ network: Network, batch: Int, seed: UInt64 = 4) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return .normal(Shape([batch] + network.inputShape.extents), using: &generator)
  }
}

/// Largest difference, relative to the largest expected value (at least 1); infinite where something is not finite.
func deviation(_ found: Tensor, _ expected: Tensor) -> Float {
  guard found.shape == expected.shape, found.isFinite else { return .infinity }
  return found.zip(expected, -).largest / max(expected.largest, 1)
}
