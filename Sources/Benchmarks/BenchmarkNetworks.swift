import Compute
import NeuralNet

/// Networks that only the benchmarks need, with an input of 256×256 and one logit.
enum BenchmarkNetworks {
  /// Four 3×3 convolutions of 32, 64, 128 and 128 channels with batch norm, ReLU and pooling, then two linear layers:
  /// `wide` of ../shared/peers/nets.py.
  static func wide(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, 256, 256], seed: seed)
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

  /// ResNet-50 (He et al. 2016, stride in the 3×3 convolution).
  static func resNet50(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, 256, 256], seed: seed)
    normalised(&build, "stem", channels: 64, kernel: 7, stride: 2, relu: true)
    build.maxPool("stem.pool", 3, stride: 2, padding: 1)
    for (stage, blocks) in [3, 4, 6, 3].enumerated() {
      for block in 0..<blocks {
        bottleneck(
          &build, "stage\(stage).\(block)", width: 64 << stage, stride: stage > 0 && block == 0 ? 2 : 1,
          projects: block == 0)
      }
    }
    build.globalAveragePool("pool")
    build.flatten("flat")
    build.linear("logit", features: 1)
    return build.network
  }

  private static func bottleneck(
    _ build: inout NetworkBuilder, _ name: String, width: Int, stride: Int, projects: Bool
  ) {
    let input = build.current
    var shortcut = input
    if projects {
      normalised(&build, "\(name).shortcut", channels: 4 * width, kernel: 1, stride: stride, relu: false)
      shortcut = build.current
      build.current = input
    }
    normalised(&build, "\(name).a", channels: width, kernel: 1, stride: 1, relu: true)
    normalised(&build, "\(name).b", channels: width, kernel: 3, stride: stride, relu: true)
    normalised(&build, "\(name).c", channels: 4 * width, kernel: 1, stride: 1, relu: false)
    build.add("\(name).sum", shortcut)
    build.relu("\(name).relu")
  }

  private static func normalised(
    _ build: inout NetworkBuilder, _ name: String, channels: Int, kernel: Int, stride: Int, relu: Bool
  ) {
    build.convolution(name, channels: channels, kernel: kernel, stride: stride)
    build.batchNorm("\(name).norm")
    if relu { build.relu("\(name).relu") }
  }
}
