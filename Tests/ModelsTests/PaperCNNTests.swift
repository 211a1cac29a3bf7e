import Compute
import Models
import NeuralNet
import Testing

@Suite("The paper's network and its input")
struct PaperCNNTests {
  @Test("4 convolutions, 2 fully connected layers, one logit, 28 thousand parameters")
  func structure() throws {
    let network = PaperCNN().network(seed: 1)
    #expect(network.inputShape == [3, 256, 256])
    #expect(try network.shapes(batch: 5)[network.outputs[0]] == [5, 1])
    let names = network.nodes.map(\.name)
    #expect(names.count { $0.hasPrefix("conv") } == 4)
    #expect(names.count { $0.hasPrefix("full") || $0 == "logit" } == 2)
    // 3·8·9 + 8·8·25 + 8·16·25 + 16·16·25, two numbers for each channel's norm, 16·8·8·16 + 16, 16 + 1.
    #expect(network.parameterCount == 216 + 1600 + 3200 + 6400 + 96 + 16400 + 17)
  }

  @Test("widths are parameters; same seed, same weights")
  func widths() throws {
    var wide = PaperCNN()
    wide.widths = [16, 32, 48, 64]
    wide.hidden = 64
    let network = wide.network(seed: 2)
    #expect(network.parameters["conv4.weight"]?.shape == [64, 48, 5, 5])
    #expect(network.parameters["conv4.weight"]?.values == wide.network(seed: 2).parameters["conv4.weight"]?.values)
    #expect(network.parameters["conv4.weight"]?.values != wide.network(seed: 3).parameters["conv4.weight"]?.values)
  }

  @Test("preprocessing: (byte / 255 - mean) / standardDeviation per channel, in the crop's order")
  func preprocessing() {
    let preprocessing = Preprocessing(mean: [0, 0.5, 1], standardDeviation: [1, 0.5, 0.25])
    var input = [Float](repeating: 9, count: 6)
    input.withUnsafeMutableBufferPointer { preprocessing.write([0, 0, 0, 255, 255, 51] as [UInt8], into: $0) }
    let expected: [Float] = [0, -1, -4, 1, 1, -3.2]
    #expect(zip(input, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    let lazily = (0..<6).lazy.map { UInt8($0 * 50) }
    var other = input
    input.withUnsafeMutableBufferPointer { preprocessing.write(lazily, into: $0) }
    other.withUnsafeMutableBufferPointer { preprocessing.write(Array(lazily), into: $0) }
    #expect(input == other)
  }
}
