import Compute
import Testing

@testable import NeuralNet

@Suite("Layouts of values")
struct LayoutPlanTests {
  /// Winograd convolutions among layers that cannot have blocks: 3, 5, 24 and 40 channels, concat of both kinds.
  static func mixed() -> Network {
    var build = NetworkBuilder(inputShape: [3, 16, 12], seed: 6)
    for (index, channels) in [32, 48, 24, 40, 32].enumerated() {
      build.convolution("conv\(index)", channels: channels, kernel: 3)
      build.batchNorm("norm\(index)")
      build.relu("relu\(index)")
    }
    build.convolution("wide", channels: 64, kernel: 3)
    build.convolution("point", channels: 32, kernel: 1, bias: true)
    build.add("sum", "relu4")
    build.relu("sumRelu")
    build.concat("joined", ["sumRelu", "relu1", "relu2"])
    build.batchNorm("joinedNorm")
    build.averagePool("pool", 2)
    build.convolution("five", channels: 5, kernel: 3)
    build.flatten("flat")
    build.linear("logit", features: 2)
    return build.network
  }

  /// A chain of Winograd convolutions with everything that blocks pass through.
  static func chain() -> Network {
    var build = NetworkBuilder(inputShape: [3, 32, 24], seed: 7)
    build.convolution("conv0", channels: 32, kernel: 3)
    build.batchNorm("norm0")
    build.relu("relu0")
    build.maxPool("pool0", 2)
    build.convolution("conv1", channels: 48, kernel: 3)
    build.batchNorm("norm1")
    build.relu("relu1")
    build.convolution("conv2", channels: 48, kernel: 3)
    build.batchNorm("norm2")
    build.add("sum", "relu1")
    build.relu("relu2")
    build.sigmoid("sigmoid")
    build.maxPool("pool2", 3, stride: 2)
    build.convolution("depth", channels: 48, kernel: 3, groups: 48)
    build.batchNorm("loose")
    build.globalAveragePool("mean")
    build.flatten("flat")
    build.linear("logit", features: 1)
    return build.network
  }

  static let networks = [mixed(), chain()]

  @Test("inference agrees with a plain run", arguments: networks.indices, [1, 3])
  func inference(_ index: Int, chunk: Int) throws {
    let network = SampleNetworks.trained(Self.networks[index])
    let x = SampleNetworks.input(network, batch: 3)
    let executor = try Executor(network, batch: 3, use: .inference, chunk: chunk)
    #expect(deviation(try executor.infer(x), try ReferenceRun.output(network, x)) < 1e-4)
  }

  @Test("gradients do not depend on layouts", arguments: networks.indices)
  func gradients(_ index: Int) throws {
    let network = SampleNetworks.trained(Self.networks[index])
    // Kinks of ReLU and maxima lie within reach of some differences: a looser bound than for single operators.
    #expect(try GradientCheck(network).inputDeviation() < 0.05)
    #expect(try GradientCheck(network).parameterDeviation() < 0.1)
  }

  @Test("outputs of rank 4 are channels last")
  func outputs() throws {
    var network = SampleNetworks.trained(Self.chain())
    network.outputs = ["conv2", "relu2", "logit"]
    let x = SampleNetworks.input(network, batch: 2)
    let outputs = try Executor(network, batch: 2, use: .inference).inferAllAfterSetting(x)
    for (name, output) in zip(network.outputs, outputs) {
      var inner = network
      inner.outputs = [name]
      #expect(deviation(output, try ReferenceRun.output(inner, x)) < 1e-4, "\(name)")
    }
  }

  @Test(
    "a chain needs no layout change, a mixture only around Winograd convolutions",
    .enabled(if: Winograd.suits(suiting), "this processor has no fast Winograd convolutions"))
  func changes() throws {
    #expect(try Self.changes(in: Self.chain()) == [])
    #expect(
      try Self.changes(in: Self.mixed()) == [
        "layout of relu0, in blocks", "layout of relu1, channels last", "layout of relu4, in blocks",
        "layout of sumRelu, channels last",
      ])
  }

  private static let suiting = ConvolutionGeometry(
    batch: 1, input: PlaneStack(channels: 32, height: 16, width: 12), outputChannels: 48, kernel: Pair(3),
    padding: Padding(1))

  private static func changes(in network: Network) throws -> [String] {
    let shapes = try network.shapes(batch: 2)
    let (fused, outputs) = Fusion.fused(network, shapes, for: .inference, .generated)
    let plan = try LayoutPlan(
      fused, shapes, parameters: network.parameters.mapValues(\.shape), outputs: outputs, .generated)
    return plan.nodes.filter { $0.node.operation == .identity }.map(\.name)
  }
}

extension Executor {
  fileprivate func inferAllAfterSetting(_ x: Tensor) throws -> [Tensor] {
    try setInput(x)
    return try inferAll(count: x.shape[0])
  }
}
