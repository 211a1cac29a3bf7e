import Compute
import Imaging
import NeuralNet
import Testing

@testable import Models

@Suite("Heat maps")
struct ExplainingTests {
  private func crop(_ size: Int, seed: UInt64 = 3) -> Frame {
    var generator = SeededGenerator(seed: seed)
    return Frame(
      width: size, height: size,
      pixels: (0..<size * size * 3).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 56) })
  }

  /// Convolution, ReLU, global mean, one linear layer: here the map is a sum of channels with the layer's weights.
  private func pooled(size: Int) -> Network {
    var build = NetworkBuilder(inputShape: [3, size, size], seed: 8)
    build.convolution("conv", channels: 8, kernel: 3)
    build.relu("relu")
    build.globalAveragePool("mean")
    build.flatten("flat")
    build.linear("logit", features: 1)
    return build.network
  }

  @Test("Grad-CAM equals the class activation map where both apply (Zhou et al. 2016)")
  func gradCAM() throws {
    let network = pooled(size: 12)
    var generator = SeededGenerator(seed: 2)
    let x = Tensor.normal([1, 3, 12, 12], standardDeviation: 1, using: &generator)
    let cam = try #require(try GradCAM(network))
    #expect(cam.description == "layer relu")
    let activations = try Executor(network.part(making: "relu"), batch: 1, use: .inference).infer(x)
    let weight = try #require(network.parameters["logit.weight"])
    let sums = (0..<144).map { place in
      (0..<8).reduce(Float(0)) { $0 + weight[$1] * activations[$1 * 144 + place] }
    }
    let expected = HeatMap(width: 12, height: 12, weights: sums)
    let found = try cam.map(of: x)
    #expect(!found.isEmpty)
    #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("the map uses the last spatial layer, after the last convolution and before the pooling")
  func layers() throws {
    #expect(try GradCAM(PaperCNN().network(seed: 1))?.description == "layer relu4")
    var residual = ResNet.resNet18
    (residual.inputSize, residual.width) = (256, 8)
    #expect(try GradCAM(residual.network(seed: 1))?.description.hasPrefix("layer layer4.1") == true)
  }

  @Test("each ensemble member with such a layer contributes a map; texture statistics have none")
  func ensembles() throws {
    var textures = ResidualCooccurrenceNet()
    textures.inputSize = 32
    let counting = textures.network(seed: 1)
    #expect(try GradCAM(counting) == nil)
    #expect(try GradCAM(.ensemble([counting, counting])) == nil)
    let both = try #require(try GradCAM(.ensemble([counting, pooled(size: 32)])))
    #expect(both.description == "layers member2.relu, 1 of 2 networks of the ensemble")
    #expect(both.isPartial)
    var generator = SeededGenerator(seed: 2)
    let x = Tensor.normal([1, 3, 32, 32], standardDeviation: 1, using: &generator)
    let alone = try #require(try GradCAM(pooled(size: 32)))
    #expect(!alone.isPartial)
    // A mean's member has half the gradient, which the scale of a map takes away again.
    #expect(zip(try both.map(of: x).values, try alone.map(of: x).values).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("for a linear network, gradient times input sums to the input's contribution to the logit")
  func completeness() throws {
    var build = NetworkBuilder(inputShape: [3, 8, 8], seed: 8)
    build.flatten("flat")
    build.linear("logit", features: 1)
    let network = build.network
    let preprocessing = Preprocessing(mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3])
    let crop = crop(8)
    for copies in [0, 3] {
      let sum = try InputGradient(network, preprocessing, copies: copies).products(of: crop, seed: 1).reduce(0, +)
      let executor = try Executor(network, batch: 1, use: .inference)
      executor.withInput { preprocessing.write(crop.pixels, into: $0) }
      let logit = try executor.infer(count: 1)[0]
      executor.withInput { $0.update(repeating: 0) }
      #expect(abs(sum - (logit - (try executor.infer(count: 1)[0]))) < 1e-3)
    }
  }

  @Test("input gradients work for every network, and are the same for the same seed")
  func inputGradient() throws {
    var textures = ResidualCooccurrenceNet()
    textures.inputSize = 64
    let gradient = try InputGradient(
      .ensemble([textures.network(seed: 1), pooled(size: 64)]), Preprocessing(), copies: 2)
    let map = try gradient.map(of: crop(64), seed: 7)
    #expect(map.width == 16 && !map.isEmpty)
    #expect(try gradient.map(of: crop(64), seed: 7) == map)
  }
}
