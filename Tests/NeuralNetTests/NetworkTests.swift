import Compute
import NeuralNet
import Testing

@Suite("Networks as values")
struct NetworkTests {
  @Test("the paper's network has the known shapes and about 28 thousand parameters")
  func paperShapes() throws {
    var build = NetworkBuilder(inputShape: [3, 256, 256], seed: 1)
    for (index, layer) in [(8, 3, 2), (8, 5, 2), (16, 5, 2), (16, 5, 4)].enumerated() {
      build.convolution("conv\(index)", channels: layer.0, kernel: layer.1)
      build.batchNorm("norm\(index)")
      build.relu("relu\(index)")
      build.maxPool("pool\(index)", layer.2)
    }
    build.flatten("flat")
    build.linear("hidden", features: 16)
    build.relu("relu")
    build.linear("logit", features: 1)
    let shapes = try build.network.shapes(batch: 32)
    #expect(shapes["conv0"] == [32, 8, 256, 256])
    #expect(shapes["pool3"] == [32, 16, 8, 8])
    #expect(shapes["logit"] == [32, 1])
    #expect(build.network.parameterCount == 27_929)
    #expect(try build.network.multiplications() == 14_155_776 + 26_214_400 + 13_107_200 + 6_553_600 + 1024 * 16 + 16)
  }

  /// Each breaks one rule; the message must name the layer.
  static let broken: [(problem: String, node: String, change: @Sendable (inout Network) -> Void)] = [
    ("a filter for other channels", "conv1", { $0.parameters["conv1.weight"] = Tensor([16, 9, 3, 3]) }),
    ("a missing tensor", "hidden", { $0.parameters["hidden.bias"] = nil }),
    ("a missing role", "norm0", { $0.nodes[1].parameters["mean"] = nil }),
    ("an unknown role", "relu0", { $0.nodes[2].parameters["slope"] = "conv0.weight" }),
    ("a value before it is made", "conv0", { $0.nodes[0].inputs = ["pool1"] }),
    ("two layers of one name", "conv0", { $0.nodes[4].name = "conv0" }),
    ("a value made twice", "relu0", { $0.nodes[2].output = "conv0" }),
    ("a linear layer on a picture", "hidden", { $0.nodes[10].inputs = ["pool1"] }),
    ("too large a window", "pool1", { $0.nodes[7].operation = .maxPool(PoolSettings(kernel: Pair(9))) }),
    (
      "a stride of zero", "pool1",
      {
        $0.nodes[7].operation = .maxPool(PoolSettings(kernel: Pair(2), stride: Pair(0)))
      }
    ),
    (
      "padding as large as the window", "pool1",
      {
        $0.nodes[7].operation = .maxPool(PoolSettings(kernel: Pair(2), padding: Padding(2)))
      }
    ),
    ("too many inputs", "relu1", { $0.nodes[6].inputs.append("conv0") }),
    (
      "a sum of two shapes", "logit",
      {
        $0.nodes[12].operation = .add
        $0.nodes[12].inputs = ["hidden", "flat"]
        $0.nodes[12].parameters = [:]
      }
    ),
    ("an output that nothing makes", "nowhere", { $0.outputs = ["nowhere"] }),
  ]

  @Test("errors name the layer", arguments: broken.indices)
  func errors(_ index: Int) {
    let (problem, node, change) = Self.broken[index]
    var network = SampleNetworks.paper()
    change(&network)
    let error = #expect(throws: NeuralNetError.self, "\(problem)") { try network.shapes(batch: 2) }
    #expect(error.map { "\($0)".contains("'\(node)'") } == true, "\(problem): \(String(describing: error))")
    #expect(throws: NeuralNetError.self) { try Executor(network, batch: 2, use: .inference) }
  }

  @Test("shape errors name both shapes")
  func bothShapes() {
    var network = SampleNetworks.paper()
    network.parameters["conv1.weight"] = Tensor([16, 9, 3, 3])
    let error = #expect(throws: NeuralNetError.self) { try network.shapes(batch: 2) }
    #expect(error.map { "\($0)".contains("[2, 8, 8, 8]") && "\($0)".contains("[16, 9, 3, 3]") } == true)
  }

  @Test("the graph survives JSON, which is deterministic")
  func graphText() throws {
    for network in [SampleNetworks.paper(), SampleNetworks.branched()] {
      let text = try network.graphText()
      let copy = try Network(graphText: text, parameters: network.parameters)
      #expect(copy.nodes == network.nodes)
      #expect(copy.outputs == network.outputs)
      #expect(copy.inputShape == network.inputShape)
      #expect(try copy.graphText() == text)
    }
  }

  @Test("a frozen layer stays frozen in JSON and unchanged in training, unlike the others")
  func frozen() throws {
    var build = NetworkBuilder(inputShape: [2, 6, 6], seed: 3)
    build.convolution("before", channels: 3, kernel: 3)
    build.append(
      "fixed", .convolution(ConvolutionSettings()), ["weight": .spaced([4, 3, 3, 3], seed: 2)], isFrozen: true)
    build.globalAveragePool("mean")
    build.flatten("flat")
    build.linear("logit", features: 1)
    let network = try Network(graphText: build.network.graphText(), parameters: build.network.parameters)
    #expect(network.nodes == build.network.nodes)
    #expect(network.trainableNames == ["before.weight", "logit.bias", "logit.weight"])
    // Weight decay, too, has to leave it alone.
    var decaying = Adam.Settings()
    decaying.weightDecay = 0.5
    let trainer = try DataParallelTrainer(
      network, batch: 2, workers: 2, optimiser: Adam(decaying), loss: BinaryCrossEntropy(), seed: 1)
    _ = try trainer.step(labels: [0, 1], learningRate: 0.1) { samples, input in
      for i in input.indices { input[i] = Float((i * 7 + samples.lowerBound) % 5) }
    }
    #expect(trainer.network.parameters["fixed.weight"] == network.parameters["fixed.weight"])
    #expect(trainer.network.parameters["before.weight"] != network.parameters["before.weight"])
  }

  @Test(
    "invalid graphs are errors",
    arguments: [
      "", "{}", "[1]",
      #"{"input":"x","inputShape":[3,-4,4],"nodes":[],"outputs":["x"]}"#,
      #"{"input":"x","inputShape":[3],"nodes":[{"name":"a","operation":{"type":"warp"},"inputs":["x"],"output":"a","parameters":{}}],"outputs":["a"]}"#,
      #"{"input":"x","inputShape":[3],"nodes":[{"name":"a","operation":{"type":"relu"},"inputs":[],"output":"a","parameters":{}}],"outputs":["a"]}"#,
    ])
  func badGraphs(_ text: String) {
    #expect(throws: NeuralNetError.self) { try Network(graphText: text, parameters: [:]) }
  }
}
