import Compute
import NeuralNet
import Testing

/// One operator on awkward sizes: N 2, 5×7, odd channels.
struct OperatorCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  var inputShape: Shape = [3, 5, 7]
  /// Maxima and kinks need inputs that differences do not carry across them.
  var spaced = false
  let build: @Sendable (inout NetworkBuilder) -> Void

  func check() throws -> GradientCheck {
    var builder = NetworkBuilder(inputShape: inputShape, seed: 5)
    build(&builder)
    let x = spaced ? Tensor.spaced(Shape([2] + inputShape.extents), seed: 11) : nil
    return try GradientCheck(Self.scrambled(builder.network), x: x)
  }

  /// Initial scales of one and shifts of zero would hide errors.
  private static func scrambled(_ network: Network) -> Network {
    var generator = SeededGenerator(seed: 17)
    var network = network
    for (name, tensor) in network.parameters.sorted(by: { $0.key < $1.key }) where tensor.shape.rank == 1 {
      network.parameters[name] = .uniform(tensor.shape, in: 0.5..<1.5, using: &generator)
    }
    return network
  }

  static let all: [OperatorCase] = [
    .init(testDescription: "convolution") { $0.convolution("a", channels: 4, kernel: 3, bias: true) },
    .init(testDescription: "convolution, stride 2") { $0.convolution("a", channels: 4, kernel: 3, stride: 2) },
    .init(testDescription: "convolution, no padding") { $0.convolution("a", channels: 5, kernel: 5, padding: 0) },
    .init(testDescription: "convolution, dilation 2") { $0.convolution("a", channels: 2, kernel: 3, dilation: 2) },
    .init(testDescription: "convolution, two groups", inputShape: [4, 5, 7]) {
      $0.convolution("a", channels: 6, kernel: 3, groups: 2, bias: true)
    },
    .init(testDescription: "depthwise convolution") {
      $0.convolution("a", channels: 3, kernel: 3, stride: 2, groups: 3)
    },
    .init(testDescription: "convolution 1×1, 8 to 16 channels", inputShape: [8, 5, 7]) {
      $0.convolution("a", channels: 16, kernel: 1)
    },
    .init(testDescription: "uneven padding and stride") {
      let settings = ConvolutionSettings(
        stride: Pair(height: 1, width: 2), padding: Padding(top: 0, left: 1, bottom: 2, right: 0))
      $0.append("a", .convolution(settings), ["weight": .spaced([2, 3, 2, 3], seed: 1)])
    },
    .init(testDescription: "batch norm") { $0.batchNorm("a") },
    .init(testDescription: "batch norm behind a convolution") {
      $0.convolution("a", channels: 4, kernel: 3)
      $0.batchNorm("b")
    },
    .init(testDescription: "batch norm, ReLU and max pool in one", inputShape: [8, 4, 6], spaced: true) {
      $0.batchNorm("a")
      $0.relu("b")
      $0.maxPool("c", 2)
    },
    .init(testDescription: "batch norm, ReLU and max pool that do not fit", inputShape: [8, 5, 6], spaced: true) {
      $0.batchNorm("a")
      $0.relu("b")
      $0.maxPool("c", 2)
    },
    .init(testDescription: "add and ReLU in one", inputShape: [3, 5, 7], spaced: true) {
      $0.batchNorm("a")
      $0.add("b", "input")
      $0.relu("c")
    },
    .init(testDescription: "relu", spaced: true) { $0.relu("a") },
    .init(testDescription: "sigmoid") { $0.sigmoid("a") },
    .init(testDescription: "max pool", spaced: true) { $0.maxPool("a", 2) },
    .init(testDescription: "max pool, overlapping and padded", spaced: true) {
      $0.maxPool("a", 3, stride: 2, padding: 1)
    },
    .init(testDescription: "average pool") { $0.averagePool("a", 2) },
    .init(testDescription: "average pool, padding counted") { $0.averagePool("a", 3, stride: 2, padding: 1) },
    .init(testDescription: "average pool, padding not counted") {
      $0.averagePool("a", 3, stride: 2, padding: 1, countsPadding: false)
    },
    .init(testDescription: "global average pool") { $0.globalAveragePool("a") },
    .init(testDescription: "flatten") { $0.flatten("a") },
    .init(testDescription: "linear", inputShape: [13]) { $0.linear("a", features: 5) },
    .init(testDescription: "linear without bias, then ReLU", inputShape: [13]) {
      $0.linear("a", features: 5, bias: false)
      $0.relu("b")
    },
    .init(testDescription: "dropout behind a linear layer", inputShape: [13]) {
      $0.linear("a", features: 9)
      $0.dropout("b", rate: 0.4)
    },
    .init(testDescription: "add of two branches") {
      $0.convolution("a", channels: 4, kernel: 3)
      $0.convolution("b", channels: 4, kernel: 1)
      $0.add("sum", "a")
    },
    .init(testDescription: "residual sum, ReLU behind it") {
      $0.convolution("a", channels: 3, kernel: 3)
      $0.convolution("b", channels: 3, kernel: 3)
      $0.add("sum", "a")
      $0.sigmoid("s")
    },
    .init(testDescription: "a value added to itself") {
      $0.convolution("a", channels: 4, kernel: 3)
      $0.add("sum", "a")
    },
    .init(testDescription: "concat of three, one of them twice") {
      $0.convolution("a", channels: 2, kernel: 3)
      $0.convolution("b", channels: 3, kernel: 3)
      $0.concat("joined", ["a", "b", "a"])
    },
    .init(testDescription: "identity") {
      $0.convolution("a", channels: 2, kernel: 3)
      $0.append("b", .identity)
    },
  ]
}

@Suite("Gradients of the operators")
struct OperatorGradientTests {
  /// Float32 differences are good to about 1e-4 here; a wrong factor or index is off by far more.
  static let tolerance: Float = 2e-3

  @Test("parameter gradients agree with central differences", arguments: OperatorCase.all)
  func parameters(_ operatorCase: OperatorCase) throws {
    #expect(try operatorCase.check().parameterDeviation() < Self.tolerance)
  }

  @Test("dx agrees with central differences", arguments: OperatorCase.all)
  func input(_ operatorCase: OperatorCase) throws {
    #expect(try operatorCase.check().inputDeviation() < Self.tolerance)
  }

  @Test("the check rejects a wrong gradient")
  func rejectsWrongGradient() throws {
    let check = try OperatorCase.all[0].check()
    #expect(try check.parameterDeviation(spoiling: "a.weight") > 10 * Self.tolerance)
  }
}
