import Compute
import Models
import NeuralNet

/// The networks that are measured, each with one logit for crops of 256×256.
enum BenchmarkNetworks {
  static let size = 256

  static let names = ["paper", "wide", "resnet-50", "xception", "efficientnet-b0"]

  /// Those of the catalogue by their names there, the paper's as `paper`, and `wide`.
  static func network(_ name: String) throws -> Network {
    if name == "wide" { return wide() }
    var design = try NetworkName(name == "paper" ? NetworkCatalog.paperName : name).design()
    design.inputSize = size
    return design.network(seed: 1)
  }

  /// Four 3×3 convolutions of 32, 64, 128 and 128 channels with batch norm, ReLU and pooling, then two linear layers:
  /// `wide` of peer_rates.py.
  private static func wide() -> Network {
    var build = NetworkBuilder(inputShape: [3, size, size], seed: 1)
    for (index, channels) in [32, 64, 128, 128].enumerated() {
      build.convolution("conv\(index)", channels: channels, kernel: 3)
      build.batchNorm("norm\(index)")
      build.relu("relu\(index)")
      build.maxPool("pool\(index)", 2)
    }
    build.flatten("flat")
    build.linear("hidden", features: 256)
    build.relu("relu4")
    build.linear("logit", features: 1)
    return build.network
  }
}
