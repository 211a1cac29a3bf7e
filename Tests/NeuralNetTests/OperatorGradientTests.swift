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
    .init(testDescription: "convolution, no padding") {
      $0.convolution("a", channels: 5, kernel: 5, padding: Padding(0))
    },
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
    .init(testDescription: "transposed convolution, stride 2") {
      $0.transposed("a", channels: 4, kernel: 3, stride: 2, padding: 1, outputPadding: 1, bias: true)
    },
    .init(testDescription: "transposed convolution, two groups, dilation 2", inputShape: [4, 3, 4]) {
      $0.transposed("a", channels: 6, kernel: 3, dilation: 2, groups: 2)
    },
    .init(testDescription: "transposed convolution, stride 1") { $0.transposed("a", channels: 2, kernel: 2) },
    .init(testDescription: "layer norm over channels and places") {
      $0.append(
        "a", .layerNorm(axis: 1, epsilon: 1e-5), ["scale": .spaced([3, 5, 7], seed: 2), "shift": Tensor([3, 5, 7])])
    },
    .init(testDescription: "layer norm over the last axis", inputShape: [4, 6]) {
      $0.append("a", .layerNorm(axis: 2, epsilon: 1e-5), ["scale": Tensor([6]), "shift": Tensor([6])])
    },
    .init(testDescription: "layer norm without a shift", inputShape: [6]) {
      $0.append("a", .layerNorm(axis: 1, epsilon: 1e-3), ["scale": Tensor([6])])
    },
    .init(testDescription: "group norm", inputShape: [6, 3, 5]) {
      $0.append("a", .groupNorm(groups: 2, epsilon: 1e-5), ["scale": Tensor([6]), "shift": Tensor([6])])
    },
    .init(testDescription: "instance norm") {
      $0.append("a", .instanceNorm(epsilon: 1e-5), ["scale": Tensor([3]), "shift": Tensor([3])])
    },
    .init(testDescription: "leaky ReLU", spaced: true) { $0.activation("a", .leakyRelu(slope: 0.2)) },
    .init(testDescription: "clip", spaced: true) { $0.activation("a", .clip(low: -1.02, high: 2.02)) },
    .init(testDescription: "tanh") { $0.activation("a", .tanh) },
    .init(testDescription: "SiLU") { $0.activation("a", .silu) },
    .init(testDescription: "hard swish") { $0.activation("a", .hardSwish) },
    .init(testDescription: "hard sigmoid", spaced: true) { $0.activation("a", .hardSigmoid(slope: 0.2, offset: 0.5)) },
    .init(testDescription: "GELU") { $0.activation("a", .gelu(approximate: false)) },
    .init(testDescription: "GELU by tanh") { $0.activation("a", .gelu(approximate: true)) },
    .init(testDescription: "error function") { $0.activation("a", .errorFunction) },
    .init(testDescription: "exponential") { $0.activation("a", .exponential) },
    .init(testDescription: "square root of a sigmoid") {
      $0.sigmoid("a")
      $0.activation("b", .squareRoot)
    },
    .init(testDescription: "softmax over the channels") { $0.append("a", .softmax(axis: 1)) },
    .init(testDescription: "softmax over the last axis", inputShape: [4, 6]) { $0.append("a", .softmax(axis: 2)) },
    .init(testDescription: "squeeze and excitation: channels times pictures") {
      $0.convolution("a", channels: 4, kernel: 3)
      $0.globalAveragePool("mean")
      $0.sigmoid("gate")
      $0.binary("scaled", .multiply, "a")
    },
    .init(testDescription: "pictures times one plane") {
      $0.append("plane", .reduce(.mean, axes: [1], keepsAxes: true))
      $0.binary("scaled", .multiply, "input")
    },
    .init(testDescription: "difference of a value and its mean") {
      $0.append("mean", .reduce(.mean, axes: [2, 3], keepsAxes: true))
      $0.append("b", .binary(.subtract), inputs: ["input", "mean"])
    },
    .init(testDescription: "quotient") {
      $0.sigmoid("a")
      $0.append("b", .binary(.divide), inputs: ["input", "a"])
    },
    .init(testDescription: "a constant per channel") {
      $0.append("c", .constant, ["value": .spaced([3, 1, 1], seed: 3)], inputs: [])
      $0.append("b", .binary(.multiply), inputs: ["c", "input"])
    },
    .init(testDescription: "concat of rows") {
      $0.convolution("a", channels: 3, kernel: 3)
      $0.append("b", .concat(axis: 2), inputs: ["a", "input", "a"])
    },
    .init(testDescription: "concat of vectors", inputShape: [4, 6]) {
      $0.sigmoid("a")
      $0.append("b", .concat(axis: 2), inputs: ["input", "a"])
    },
    .init(testDescription: "slice, backwards and with gaps") {
      $0.append(
        "a", .slice([AxisSlice(axis: 2, start: 4, count: 3, step: -2), AxisSlice(axis: 1, start: 1, count: 2)]))
    },
    .init(testDescription: "pad with zeros") {
      $0.append("a", .pad(PadSettings(before: [0, 1, 0, 2], after: [0, 0, 3, 1])))
    },
    .init(testDescription: "pad by reflection") {
      $0.append("a", .pad(PadSettings(before: [0, 0, 4, 2], after: [0, 0, 1, 6], mode: .reflect)))
    },
    .init(testDescription: "pad with edges") {
      $0.append("a", .pad(PadSettings(before: [0, 0, 1, 0], after: [0, 2, 0, 9], mode: .edge)))
    },
    .init(testDescription: "transpose pictures") { $0.append("a", .transpose([0, 2, 3, 1])) },
    .init(testDescription: "reshape and transpose to the order of detectors") {
      $0.append("a", .transpose([0, 2, 3, 1]))
      $0.append("b", .reshape([0, -1, 3]))
    },
    .init(testDescription: "reshape vectors to pictures", inputShape: [24]) {
      $0.linear("a", features: 24)
      $0.append("b", .reshape([0, 2, 3, 4]))
    },
    .init(testDescription: "flatten at axis 2, and back") {
      $0.append("a", .flatten(axis: 2))
      $0.append("b", .reshape([-1, 3, 35]))
    },
    .init(testDescription: "resize to the nearest, twice as large") {
      $0.append(
        "a",
        .resize(
          ResizeSettings(.scale(height: 2, width: 2), method: .nearest, coordinates: .asymmetric, rounding: .floor)))
    },
    .init(testDescription: "resize bilinearly") {
      $0.append("a", .resize(ResizeSettings(.size(Pair(height: 8, width: 4)), method: .bilinear)))
    },
    .init(testDescription: "resize bilinearly with aligned corners") {
      $0.append(
        "a", .resize(ResizeSettings(.size(Pair(height: 3, width: 11)), method: .bilinear, coordinates: .alignCorners)))
    },
    .init(testDescription: "sum of rows, axes dropped") { $0.append("a", .reduce(.sum, axes: [2], keepsAxes: false)) },
    .init(testDescription: "maximum over places", spaced: true) {
      $0.append("a", .reduce(.maximum, axes: [2, 3], keepsAxes: true))
    },
    .init(testDescription: "co-occurrence of neighbours", spaced: true) {
      // No value lies within a difference of a centre; the factor makes the shares' small gradients count.
      let offsets = [Pair(height: 0, width: 1), Pair(height: 1, width: -2)]
      $0.append("a", .cooccurrence(CooccurrenceSettings(centres: [-1.5, -0.4, 0.4, 1.5], offsets: offsets)))
      $0.append("factor", .constant, ["value": Tensor([1], [50])], inputs: [])
      $0.append("b", .binary(.multiply), inputs: ["a", "factor"])
    },
    .init(testDescription: "co-occurrence of runs of four", spaced: true) {
      let offsets = [Pair(height: 0, width: 1), Pair(height: 1, width: 0)]
      $0.append("a", .cooccurrence(CooccurrenceSettings(centres: [-1.5, -0.4, 0.4, 1.5], offsets: offsets, length: 4)))
      $0.append("factor", .constant, ["value": Tensor([1], [50])], inputs: [])
      $0.append("b", .binary(.multiply), inputs: ["a", "factor"])
    },
    .init(testDescription: "co-occurrence of runs of three", spaced: true) {
      let offsets = [Pair(height: 0, width: 1), Pair(height: 1, width: 0)]
      $0.append("a", .cooccurrence(CooccurrenceSettings(centres: [-1.5, -0.4, 0.4, 1.5], offsets: offsets, length: 3)))
      $0.append("factor", .constant, ["value": Tensor([1], [50])], inputs: [])
      $0.append("b", .binary(.multiply), inputs: ["a", "factor"])
    },
    .init(testDescription: "linear on rows of vectors", inputShape: [4, 6]) { builder in
      builder.append("a", .linear, ["weight": .spaced([5, 6], seed: 4), "bias": Tensor([5])])
    },
    .init(testDescription: "product of matrices", inputShape: [4, 6]) {
      $0.append("t", .transpose([0, 2, 1]))
      $0.append("b", .matMul, inputs: ["input", "t"])
    },
    .init(testDescription: "product of matrices of rank 4, one of them broadcast", inputShape: [3, 2, 4]) {
      $0.append("c", .constant, ["value": .spaced([1, 4, 5], seed: 6)], inputs: [])
      $0.append("b", .matMul, inputs: ["input", "c"])
    },
    .init(testDescription: "attention", inputShape: [2, 3, 4]) {
      $0.append("t", .transpose([0, 1, 3, 2]))
      $0.append("scores", .matMul, inputs: ["input", "t"])
      $0.append("shares", .softmax(axis: 3))
      $0.append("mixed", .matMul, inputs: ["shares", "input"])
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

extension NetworkBuilder {
  /// A transposed convolution with random filters.
  fileprivate mutating func transposed(
    _ name: String, channels: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, bias: Bool = false
  ) {
    let convolution = ConvolutionSettings(
      stride: Pair(stride), dilation: Pair(dilation), padding: Padding(padding), groups: groups)
    let settings = TransposedConvolutionSettings(convolution: convolution, outputPadding: Pair(outputPadding))
    var tensors = ["weight": Tensor.spaced([currentShape[0], channels / groups, kernel, kernel], seed: 8)]
    if bias { tensors["bias"] = Tensor([channels]) }
    append(name, .transposedConvolution(settings), tensors)
  }
}
