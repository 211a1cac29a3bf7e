import Compute
import Models
import NeuralNet
import Testing

@Suite("Networks by name, with modifiers")
struct NetworkNameTests {
  @Test(
    "each modifier of the paper's network adds the expected layers",
    arguments: [
      ("paper-cnn", 27_929),
      // 1×1 convolutions with batch norm from 3 to 8 and from 8 to 16 channels; the other two stages need none.
      ("paper-cnn+residual", 27_929 + (3 * 8 + 16) + (8 * 16 + 32)),
      // Two layers with biases: 8 → 2 → 8, 16 → 4 → 16, each twice.
      ("paper-cnn+se", 27_929 + 2 * (8 * 2 + 2 + 2 * 8 + 8) + 2 * (16 * 4 + 4 + 4 * 16 + 16)),
      // The same and four 7×7 convolutions of two planes.
      (
        "paper-cnn+cbam",
        27_929 + 2 * (8 * 2 + 2 + 2 * 8 + 8) + 2 * (16 * 4 + 4 + 4 * 16 + 16) + 4 * (2 * 49 + 1)
      ),
      ("paper-cnn+width=2", 432 + 4 * 11_200 + 192 + 4 * 16_384 + 32 + 33),
      // A second convolution with batch norm in each stage.
      ("paper-cnn+depth=2", 27_929 + 8 * 8 * 9 + 8 * 8 * 25 + 2 * 16 * 16 * 25 + 96),
      ("paper-cnn+ensemble=3", 3 * 27_929),
      // Published: 11,689,512 with 1000 classes; half the channels leave a quarter of the filters.
      ("resnet-18", 11_177_025),
      ("resnet-18+width=0.5", (11_177_025 - 64 * 147 - 9_600 - 513) / 4 + 32 * 147 + 4_800 + 257),
    ])
  func counts(_ name: String, _ parameters: Int) throws {
    let network = try NetworkName(name).design().network(seed: 1)
    #expect(network.parameterCount == parameters)
    #expect(try network.shapes(batch: 2)[network.outputs[0]] == [2, 1])
  }

  static let changed = [
    "paper-cnn+residual", "paper-cnn+se", "paper-cnn+cbam", "paper-cnn+width=0.5+depth=3",
    "paper-cnn+residual+cbam", "meso-inception-4+ensemble=2",
  ]

  @Test("inference is deterministic and does not depend on the batch", arguments: changed)
  func inference(_ name: String) throws {
    try expectStableInference(NetworkName(name).design())
  }

  @Test("a training step lowers the loss", arguments: changed)
  func training(_ name: String) throws {
    try expectStepLowersLoss(NetworkName(name).design())
  }

  @Test("a network for another size gets the resized picture, and a calibrated one returns scaled logits")
  func sizedAndCalibrated() throws {
    var design = PaperCNN()
    design.inputSize = 32
    let network = design.network(seed: 3)
    let sized = network.taking(size: 48).calibrated(scale: 3, offset: -0.5)
    #expect(sized.inputShape == [3, 48, 48])
    #expect(network.taking(size: 32).nodes == network.nodes)
    // Every part of a plain picture is resized to what it was.
    let (x, large) = (
      Tensor([1, 3, 32, 32], Array(repeating: 0.3, count: 3072)),
      Tensor([1, 3, 48, 48], Array(repeating: 0.3, count: 6912))
    )
    let plain = try Executor(network, batch: 1, use: .inference).infer(x)[0]
    let got = try Executor(sized, batch: 1, use: .inference).infer(large)[0]
    #expect(abs(got - (3 * plain - 0.5)) < 1e-5)
    // And a picture with a pattern as the resize step alone makes it.
    var generator = SeededGenerator(seed: 2)
    let pattern = Tensor.normal([1, 3, 48, 48], using: &generator)
    var resize = network.taking(size: 48)
    resize.nodes = [resize.nodes[0]]
    resize.outputs = [resize.nodes[0].output]
    resize.parameters = [:]
    let small = try Executor(resize, batch: 1, use: .inference).infer(pattern)
    let expected = try Executor(network, batch: 1, use: .inference).infer(small)[0]
    let found = try Executor(network.taking(size: 48), batch: 1, use: .inference).infer(pattern)[0]
    #expect(abs(expected - found) < 1e-5)
  }

  @Test("an ensemble's logits are the means of its members'")
  func ensembleMean() throws {
    var design = PaperCNN()
    design.inputSize = 32
    design.classes = 2
    let members = [4, 5, 6].map { design.network(seed: $0) }
    let ensemble = Network.ensemble(members)
    #expect(ensemble.parameters == NetworkEnsemble(design, count: 3).network(seed: 4).parameters)
    var generator = SeededGenerator(seed: 1)
    let x = Tensor.normal([2, 3, 32, 32], using: &generator)
    let outputs = try members.map { try Executor($0, batch: 2, use: .inference).infer(x) }
    let mean = try Executor(ensemble, batch: 2, use: .inference).infer(x)
    #expect(mean.shape == [2, 2])
    for index in 0..<4 {
      let expected = outputs.reduce(0) { $0 + $1[index] } / 3
      #expect(abs(mean[index] - expected) < 1e-5)
    }
  }

  @Test(
    "unknown names are refused with the known ones",
    arguments: [
      ("resnet", "resnet-18"), ("", "paper-cnn"), ("paper-cnn+", "+cbam"), ("paper-cnn+width=0", "+width=X"),
      ("paper-cnn+depth=1.5", "+depth=N"), ("paper-cnn+ensemble=1", "+ensemble=N"), ("xception+se", "only paper-cnn"),
    ])
  func unknown(_ name: String, _ hint: String) {
    let error = #expect(throws: ModelsError.self) { try NetworkName(name) }
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }

  @Test("settings of the paper's network apply before modifiers")
  func basis() throws {
    var paper = PaperCNN()
    paper.widths = [4, 8, 12, 16]
    let network = try NetworkName("paper-cnn+width=2").design(paper: paper).network(seed: 1)
    #expect(network.parameters["conv3.weight"]?.shape == [24, 16, 5, 5])
  }
}
