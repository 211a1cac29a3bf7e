import Compute
import NeuralNet
import Testing

@Suite("Executors")
struct ExecutorTests {
  static let networks: [(name: String, network: Network)] = [
    ("paper", SampleNetworks.trained(SampleNetworks.paper())),
    ("branched", SampleNetworks.trained(SampleNetworks.branched())),
  ]

  @Test("inference agrees with a plain run node by node", arguments: networks.indices, [1, 2, 5])
  func reference(_ index: Int, chunk: Int) throws {
    let network = Self.networks[index].network
    let x = SampleNetworks.input(network, batch: 5)
    let executor = try Executor(network, batch: 5, use: .inference, chunk: chunk)
    #expect(deviation(try executor.infer(x), try ReferenceRun.output(network, x)) < 1e-4)
  }

  @Test("an executor for input gradients gives the same outputs", arguments: networks.indices)
  func attackerOutputs(_ index: Int) throws {
    let network = Self.networks[index].network
    let x = SampleNetworks.input(network, batch: 3)
    let attacker = try Executor(network, batch: 4, use: .inputGradient, chunk: 2)
    let (output, gradient) = try attacker.inputGradient(x) { y, _ in y }
    #expect(deviation(output, try ReferenceRun.output(network, x)) < 1e-4)
    #expect(gradient.shape == x.shape)
  }

  @Test("input gradients of whole networks agree with central differences", arguments: networks.indices)
  func inputGradients(_ index: Int) throws {
    // Kinks of ReLU and maxima lie within reach of some differences: a looser bound than for single operators.
    #expect(try GradientCheck(Self.networks[index].network).inputDeviation() < 0.05)
  }

  @Test("results do not depend on the batch that a sample is in")
  func batchIndependence() throws {
    let network = Self.networks[0].network
    let x = SampleNetworks.input(network, batch: 7)
    let whole = try Executor(network, batch: 7, use: .inference, chunk: 7).infer(x)
    let single = try Executor(network, batch: 1, use: .inference)
    let roomy = try Executor(network, batch: 32, use: .inference)
    for n in 0..<7 {
      #expect(deviation(try single.infer(x.rows(n..<(n + 1))), whole.rows(n..<(n + 1))) < 1e-5)
    }
    #expect(deviation(try roomy.infer(x), whole) < 1e-5)
    // What an earlier, larger batch left behind must not show.
    #expect(try roomy.infer(x.rows(2..<4)) == (try roomy.infer(x).rows(2..<4)))
  }

  @Test("training with the running statistics of its own batch equals inference")
  func trainingAgainstInference() throws {
    var network = SampleNetworks.trained(SampleNetworks.paper(dropout: 0))
    for index in network.nodes.indices {
      if case .batchNorm = network.nodes[index].operation {
        network.nodes[index].operation = .batchNorm(BatchNormSettings(momentum: 1))
      }
    }
    let batch = 64
    let x = SampleNetworks.input(network, batch: batch)
    let training = try Executor(network, batch: batch, use: .training)
    try training.setInput(x)
    let y = try training.forward(seed: 1, step: 0)
    network.parameters.merge(training.runningStatistics) { $1 }
    // The running variance is the unbiased one: bring it back to the batch's own.
    for (name, tensor) in network.parameters where name.hasSuffix("variance") {
      let size = name.hasPrefix("norm0") ? 16 * 16 : 8 * 8
      let count = Float(batch * size)
      network.parameters[name] = tensor.map { $0 * (count - 1) / count }
    }
    let inference = try Executor(network, batch: batch, use: .inference)
    #expect(deviation(try inference.infer(x), y) < 1e-4)
  }

  @Test("input written in place is channels last")
  func inputInPlace() throws {
    let network = Self.networks[0].network
    let x = SampleNetworks.input(network, batch: 2)
    let executor = try Executor(network, batch: 2, use: .inference)
    let expected = try executor.infer(x)
    executor.withInput { pixels in
      for n in 0..<2 {
        for place in 0..<256 {
          for c in 0..<3 { pixels[(n * 256 + place) * 3 + c] = x[(n * 3 + c) * 256 + place] }
        }
      }
    }
    #expect(try executor.infer(count: 2) == expected)
  }

  @Test("outputs of rank 4 and several outputs have tensor order")
  func severalOutputs() throws {
    var network = Self.networks[1].network
    network.outputs = ["logit", "sumRelu"]
    let x = SampleNetworks.input(network, batch: 3)
    let outputs = try Executor(network, batch: 3, use: .inference, chunk: 2).inferAll(count: 1)
    #expect(outputs.map(\.shape) == [[1, 2], [1, 8, 12, 10]])
    let executor = try Executor(network, batch: 3, use: .inference, chunk: 2)
    try executor.setInput(x)
    var inner = network
    inner.outputs = ["sumRelu"]
    #expect(deviation(try executor.inferAll(count: 3)[1], try ReferenceRun.output(inner, x)) < 1e-4)
  }

  @Test("dropout repeats for the same seed and step, and differs for others")
  func dropout() throws {
    let network = SampleNetworks.paper(dropout: 0.5)
    let executor = try Executor(network, batch: 4, use: .training)
    try executor.setInput(SampleNetworks.input(network, batch: 4))
    let first = try executor.forward(seed: 1, step: 3)
    #expect(try executor.forward(seed: 1, step: 3) == first)
    #expect(try executor.forward(seed: 1, step: 4) != first)
    #expect(try executor.forward(seed: 2, step: 3) != first)
    #expect(try executor.forward(seed: 1, step: 3, worker: 1) != first)
  }

  @Test("memory is reused: a deep network takes little more than its two largest values")
  func memory() throws {
    var build = NetworkBuilder(inputShape: [8, 32, 32], seed: 1)
    for index in 0..<12 { build.convolution("conv\(index)", channels: 8, kernel: 3) }
    let value = 8 * 32 * 32 * MemoryLayout<Float>.stride
    let executor = try Executor(build.network, batch: 1, use: .inference)
    #expect(executor.memoryBytes < 4 * value)
  }

  @Test("parameters of another shape or none are refused")
  func wrongParameters() throws {
    let network = Self.networks[0].network
    let executor = try Executor(network, batch: 1, use: .inference)
    var parameters = network.parameters
    parameters["conv0.weight"] = Tensor([8, 3, 1, 1])
    #expect(throws: NeuralNetError.self) { try executor.load(parameters) }
    parameters["conv0.weight"] = nil
    #expect(throws: NeuralNetError.self) { try executor.load(parameters) }
  }

  @Test("an input of another shape is refused with both shapes")
  func wrongInput() throws {
    let executor = try Executor(Self.networks[0].network, batch: 2, use: .inference)
    let error = #expect(throws: NeuralNetError.self) { try executor.infer(Tensor([2, 3, 15, 16])) }
    #expect(error.map { "\($0)".contains("[3, 16, 16]") && "\($0)".contains("[2, 3, 15, 16]") } == true)
    #expect(throws: NeuralNetError.self) { try executor.infer(count: 3) }
  }

  @Test("with batch norm folded into convolutions the outputs stay", arguments: networks.indices)
  func folding(_ index: Int) throws {
    let network = Self.networks[index].network
    let folded = try network.foldingBatchNorm()
    #expect(folded.nodes.count < network.nodes.count)
    #expect(folded.parameterCount < network.parameterCount)
    let x = SampleNetworks.input(network, batch: 3)
    let executor = try Executor(folded, batch: 3, use: .inference)
    #expect(deviation(try executor.infer(x), try ReferenceRun.output(network, x)) < 1e-4)
  }

  @Test("an activation that is fused into a convolution leaves the gradients of a training step as they are")
  func fusedGradients() throws {
    var build = NetworkBuilder(inputShape: [3, 9, 7], seed: 4)
    build.convolution("first", channels: 6, kernel: 3, bias: true)
    build.activation("clip", .clip(low: 0, high: 0.8))
    build.convolution("second", channels: 6, kernel: 3, groups: 6, bias: true)
    build.relu("relu")
    build.convolution("last", channels: 2, kernel: 1)
    let fused = build.network
    // Values with a second reader are not fused.
    var separate = fused
    separate.outputs += ["first", "second"]
    let x = SampleNetworks.input(fused, batch: 2)
    let gradients = try [fused, separate].map { network in
      let executor = try Executor(network, batch: 2, use: .training)
      try executor.setInput(x)
      let outputs = try executor.forwardAll(seed: 1, step: 1, worker: 0)
      let clipped = outputs[0].zip(outputs[0], *)
      try executor.backward([clipped] + outputs.dropFirst().map { Tensor($0.shape) })
      return executor.parameterGradients
    }
    #expect(gradients[0].keys.sorted() == gradients[1].keys.sorted() && gradients[0].count == 5)
    for (name, gradient) in gradients[0] {
      let expected = try #require(gradients[1][name])
      #expect(expected.largest > 0.01 && deviation(gradient, expected) < 1e-5, "\(name)")
    }
  }

}
