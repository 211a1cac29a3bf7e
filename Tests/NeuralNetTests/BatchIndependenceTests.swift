import Compute
import Testing

@testable import NeuralNet

/// A sample's values are the same, bit for bit, in every layer and whatever the batch.
@Suite("Layers do not depend on the batch")
struct BatchIndependenceTests {
  /// Layers in which matrix products run over the batch, and Winograd's convolutions at several sizes.
  static let networks: [(name: String, network: Network)] = [
    ("paper", SampleNetworks.paper()), ("branched", SampleNetworks.branched()),
    ("mixed layouts", LayoutPlanTests.mixed()), ("chain of blocks", LayoutPlanTests.chain()),
    ("odd sizes", winograd(height: 42, width: 26)), ("few rows", winograd(height: 12, width: 13)),
    ("matrix products", matrices()),
  ]

  /// Convolutions with a pool behind them, with padding and without.
  private static func winograd(height: Int, width: Int) -> Network {
    var build = NetworkBuilder(inputShape: [32, height, width], seed: 5)
    build.convolution("pooled", channels: 48, kernel: 3)
    build.relu("relu")
    build.maxPool("pool", 2)
    build.convolution("few", channels: 48, kernel: 3)
    build.convolution("narrow", channels: 64, kernel: 3, padding: Padding(0))
    build.flatten("flat")
    build.linear("logit", features: 3)
    return build.network
  }

  /// A product whose rows are samples, and a mean over an axis.
  private static func matrices() -> Network {
    var build = NetworkBuilder(inputShape: [300], seed: 5)
    var generator = SeededGenerator(seed: 8)
    build.append("weights", .constant, ["value": .normal([300, 20], using: &generator)], inputs: [])
    build.append("product", .matMul, inputs: ["input", "weights"])
    build.append("mean", .reduce(.mean, axes: [1], keepsAxes: true))
    return build.network
  }

  @Test("each layer's output", arguments: networks.indices, [2, 3, 7, 16])
  func layers(_ index: Int, chunk: Int) throws {
    let network = SampleNetworks.trained(Self.networks[index].network)
    let x = SampleNetworks.input(network, batch: 16)
    let alone = try Self.outputs(network, x, chunk: 1)
    let together = try Self.outputs(network, x, chunk: chunk)
    for (layer, expected) in zip(together, alone) {
      let different = layer.samples.indices.filter { layer.samples[$0] != expected.samples[$0] }
      #expect(different == [], "\(Self.networks[index].name): '\(layer.name)' in chunks of \(chunk)")
    }
  }

  private struct LayerOutput {
    let name: String
    /// Bits of each sample's values.
    var samples: [[UInt32]]
  }

  private static func outputs(_ network: Network, _ x: Tensor, chunk: Int) throws -> [LayerOutput] {
    let count = x.shape[0] / chunk * chunk
    let executor = try Executor(network, batch: count, use: .inference, chunk: chunk)
    try executor.setInput(x.rows(0..<count))
    var layers: [LayerOutput] = []
    for start in stride(from: 0, to: count, by: executor.chunk) {
      var index = 0
      try executor.runForward(from: start, Pass(seed: 0, step: 0, worker: 0)) { entry, output in
        // A constant is the same for all samples.
        guard !entry.inputs.isEmpty else { return }
        if start == 0 { layers.append(LayerOutput(name: entry.name, samples: [])) }
        let length = output.count / executor.chunk
        for sample in 0..<executor.chunk {
          layers[index].samples.append(output[(sample * length)..<((sample + 1) * length)].map(\.bitPattern))
        }
        index += 1
      }
    }
    return layers
  }
}
