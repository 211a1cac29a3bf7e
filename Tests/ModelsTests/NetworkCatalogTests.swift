import Compute
import NeuralNet
import Testing

@testable import Models

@Suite("The catalogue's architectures")
struct NetworkCatalogTests {
  /// An architecture with what is published of it.
  struct Published: CustomTestStringConvertible {
    var name: String
    var classes: Int
    var parameters: Int
    /// Multiplications at the published input size, in billions.
    var multiplications: Double?
    var testDescription: String { name }
  }

  @Test(
    "parameter and multiplication counts equal the published ones",
    arguments: [
      // Afchar et al. 2018, section 2.3; the others with ImageNet's classes, as torchvision and timm state them.
      Published(name: "meso-inception-4", classes: 1, parameters: 28_615),
      // Ours: 12506 shares, normalised, then 128, 64 units and the logit.
      Published(name: "residual-cooccurrence", classes: 1, parameters: 1_634_229),
      Published(name: "resnet-18", classes: 1000, parameters: 11_689_512, multiplications: 1.81),
      Published(name: "resnet-50", classes: 1000, parameters: 25_557_032, multiplications: 4.09),
      Published(name: "xception", classes: 1000, parameters: 22_855_952, multiplications: 8.40),
      Published(name: "efficientnet-b0", classes: 1000, parameters: 5_288_548, multiplications: 0.39),
      // As the PyPI package efficientnet-lite-pytorch has it.
      Published(name: "efficientnet-lite0", classes: 1000, parameters: 4_652_008),
      Published(name: "efficientnet-b4", classes: 1000, parameters: 19_341_616, multiplications: 4.39),
    ])
  func published(_ published: Published) throws {
    var design = try #require(NetworkCatalog[published.name]).design
    design.classes = published.classes
    let network = design.network(seed: 1)
    #expect(network.parameterCount == published.parameters)
    #expect(try network.shapes(batch: 2)[network.outputs[0]] == [2, published.classes])
    if let expected = published.multiplications {
      let billions = Double(try network.multiplications()) / 1e9
      #expect(abs(billions - expected) < 0.02 * expected, "\(billions)")
    }
  }

  @Test(
    "TensorFlow's padding: output extents are rounded up; the odd row is at the bottom and right",
    arguments: [
      (224, 3, 2, 0, 1), (112, 5, 2, 1, 2), (7, 5, 2, 2, 2), (9, 3, 2, 1, 1), (14, 5, 1, 2, 2), (28, 1, 1, 0, 0),
    ])
  func samePadding(_ extent: Int, _ kernel: Int, _ stride: Int, _ top: Int, _ bottom: Int) {
    let padding = Padding.same(extent: extent, kernel: kernel, stride: stride)
    #expect(padding == Padding(top: top, left: top, bottom: bottom, right: bottom))
    let outputs = ConvolutionGeometry.outputExtent(extent, kernel: kernel, stride: stride, padding: top + bottom)
    #expect(outputs == (extent + stride - 1) / stride)
  }

  @Test("odd input sizes work", arguments: NetworkCatalog.all.map(\.name))
  func oddSize(_ name: String) throws {
    var design = try #require(NetworkCatalog[name]).design
    design.inputSize = 75
    let network = design.network(seed: 1)
    #expect(network.inputShape == [3, 75, 75])
    #expect(try network.shapes(batch: 3)[network.outputs[0]] == [3, 1])
  }

  @Test("weights depend on the seed", arguments: NetworkCatalog.all.map(\.name))
  func seeds(_ name: String) throws {
    var design = try #require(NetworkCatalog[name]).design
    design.inputSize = NetworkCatalog.smallestInput
    let network = design.network(seed: 5)
    #expect(try network.shapes(batch: 1)[network.outputs[0]] == [1, 1])
    #expect(network.parameters == design.network(seed: 5).parameters)
    let other = design.network(seed: 6)
    for name in network.trainableNames where name.hasSuffix(".weight") {
      #expect(network.parameters[name] != other.parameters[name], "\(name)")
    }
  }

  @Test("inference is deterministic and does not depend on the batch", arguments: NetworkCatalog.all.map(\.name))
  func inference(_ name: String) throws {
    try expectStableInference(try #require(NetworkCatalog[name]).design)
  }

  @Test("a training step lowers the loss", arguments: NetworkCatalog.all.map(\.name))
  func training(_ name: String) throws {
    try expectStepLowersLoss(try #require(NetworkCatalog[name]).design)
  }
}
