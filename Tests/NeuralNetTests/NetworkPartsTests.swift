import Compute
import NeuralNet
import Testing

@Suite("Splitting a network")
struct NetworkPartsTests {
  @Test("the composed parts equal the whole network", arguments: ["conv1", "relu0", "pool1", "flat"])
  func compose(value: String) throws {
    let network = SampleNetworks.paper()
    var generator = SeededGenerator(seed: 4)
    let x = Tensor.normal([1, 3, 16, 16], standardDeviation: 1, using: &generator)
    #expect(network.allPathsLead(through: value))
    let middle = try Executor(network.part(making: value), batch: 1, use: .inference).infer(x)
    let end = try Executor(try network.part(after: value), batch: 1, use: .inference).infer(middle)
    let whole = try Executor(network, batch: 1, use: .inference).infer(x)
    #expect(abs(end[0] - whole[0]) < 1e-4)
  }

  @Test("the gradient of the second part is that of the whole network through it")
  func gradient() throws {
    let network = SampleNetworks.paper()
    var generator = SeededGenerator(seed: 5)
    let x = Tensor.normal([1, 3, 16, 16], standardDeviation: 1, using: &generator)
    // Before the ReLU: behind it pooling has ties, at which a function has no one slope.
    let middle = try Executor(network.part(making: "norm1"), batch: 1, use: .inference).infer(x)
    let part = try network.part(after: "norm1")
    let executor = try Executor(part, batch: 1, use: .inputGradient)
    let (_, gradient) = try executor.inputGradient(middle) { output, _ in Tensor(output.shape, repeating: 1) }
    #expect(gradient.shape == middle.shape)
    let forward = try Executor(part, batch: 1, use: .inference)
    // A step along the gradient raises the output by as much as the gradient says.
    let length = gradient.values.reduce(0) { $0 + $1 * $1 }
    let step: Float = 2e-4
    let moved = Tensor(middle.shape, zip(middle.values, gradient.values).map { $0 + step * $1 })
    let rise = try forward.infer(moved)[0] - forward.infer(middle)[0]
    #expect(abs(rise - step * length) < 0.02 * step * length, "\(rise) for \(step * length)")
  }

  @Test("a value with a parallel path cannot be a split point")
  func branches() {
    let network = SampleNetworks.branched()
    #expect(!network.allPathsLead(through: "deep"))
    #expect(!network.allPathsLead(through: "mean"))
    #expect(network.allPathsLead(through: "stemRelu"))
    #expect(network.allPathsLead(through: "sumRelu"))
    #expect(network.allPathsLead(through: "joined"))
  }
}
