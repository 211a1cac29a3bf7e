import Compute
import Glibc
import NeuralNet
import Testing

/// Values of operators beside those of torch: two numbers each, which a wrong order of elements changes.
@Suite("Values of the operators")
struct OperatorValueTests {
  /// Made by `Tests/Golden/operators.py`: sum of the output, and its product with a probe.
  private static let golden: [(name: String, sum: Double, product: Double)] = [
    ("transposed convolution", 212.95640, -51.27158),
    ("transposed convolution, groups", 83.87203, 472.67741),
    ("layer norm", 0.41238, -1.43487),
    ("group norm", 90.15383, 4.35590),
    ("instance norm", 23.88022, 2.24051),
    ("leaky ReLU", 63.41509, 0.91443),
    ("clip", -21.07524, 2.67374),
    ("tanh", 2.32515, 2.46627),
    ("SiLU", 50.63043, 0.82913),
    ("hard swish", 225.04849, 0.49886),
    ("hard sigmoid", 59.98223, 0.04856),
    ("GELU", 66.40047, 0.40382),
    ("GELU by tanh", 66.39204, 0.40401),
    ("exponential", 279.99585, -0.26372),
    ("softmax", 40.00000, -1.66653),
    ("add broadcast", 50.91627, 3.55900),
    ("subtract", 85.89488, -7.29879),
    ("multiply", -1.14853, 1.99336),
    ("divide", 1.40150, 1.31146),
    ("concat", 11.60776, 5.24149),
    ("slice", 3.37060, -0.01577),
    ("pad", 57.86925, 8.35657),
    ("pad by reflection", 15.08259, -7.70402),
    ("pad with edges", -5.40403, -81.51805),
    ("transpose", 3.86925, -27.60326),
    ("reshape", 3.86925, -27.60326),
    ("resize to the nearest", 15.47702, -1.33665),
    ("resize bilinearly", 3.92459, 4.57187),
    ("resize bilinearly, corners", 2.22773, 2.56807),
    ("mean", 0.19346, 0.11368),
    ("sum", 3.86925, -6.10996),
    ("maximum", 15.93984, 6.15901),
    ("linear on rows", 55.50369, 8.12733),
    ("matrices", -12.65183, -15.43175),
    ("matrices of rank 4", -0.54875, 11.43709),
  ]

  @Test("values equal torch's", arguments: golden.map(\.name))
  func value(name: String) throws {
    let (_, sum, product) = try #require(Self.golden.first { $0.name == name })
    let y = try output(of: name)
    var sums = (0.0, 0.0)
    for i in 0..<y.count {
      sums.0 += Double(y[i])
      sums.1 += Double(y[i]) * cos(Double(i) * 0.3)
    }
    let scale = max(1, Double(y.largest))
    #expect(abs(sums.0 - sum) < 2e-4 * scale * Double(y.count).squareRoot())
    #expect(abs(sums.1 - product) < 2e-4 * scale * Double(y.count).squareRoot())
  }

  private func output(of name: String) throws -> Tensor {
    let x = input(of: name)
    var build = NetworkBuilder(inputShape: x.shape.sample, seed: 1)
    append(name, to: &build)
    return try Executor(build.network, batch: 2, use: .inference).infer(x)
  }

  private func input(of name: String) -> Tensor {
    switch name {
    case "transposed convolution, groups": wave([2, 4, 3, 4])
    case "group norm": wave([2, 6, 3, 5])
    case "linear on rows", "matrices": wave([2, 4, 6])
    case "hard swish", "hard sigmoid": wave([2, 3, 4, 5]).map { 3 * $0 }
    default: wave([2, 3, 4, 5])
    }
  }

  private func append(_ name: String, to build: inout NetworkBuilder) {
    func constant(_ value: Tensor) { build.append("c", .constant, ["value": value], inputs: []) }
    func pad(_ mode: PadSettings.Mode) {
      let (before, after) = mode == .constant(0.25) ? ([0, 0, 0, 1], [0, 0, 3, 2]) : ([0, 0, 2, 4], [0, 0, 3, 1])
      build.append("y", .pad(PadSettings(before: before, after: after, mode: mode)))
    }
    func resize(_ settings: ResizeSettings) { build.append("y", .resize(settings)) }
    let size = ResizeSettings.Target.size(Pair(height: 7, width: 3))
    switch name {
    case "transposed convolution":
      let convolution = ConvolutionSettings(stride: Pair(2), padding: Padding(1))
      build.append(
        "y", .transposedConvolution(.init(convolution: convolution, outputPadding: Pair(1))),
        ["weight": wave([3, 2, 3, 3], rate: 0.31), "bias": wave([2])])
    case "transposed convolution, groups":
      let convolution = ConvolutionSettings(dilation: Pair(2), groups: 2)
      build.append(
        "y", .transposedConvolution(.init(convolution: convolution)), ["weight": wave([4, 3, 3, 3], rate: 0.31)])
    case "layer norm":
      build.append(
        "y", .layerNorm(axis: 1, epsilon: 1e-5),
        ["scale": wave([3, 4, 5], rate: 0.2), "shift": wave([3, 4, 5], rate: 0.1)])
    case "group norm":
      build.append("y", .groupNorm(groups: 2, epsilon: 1e-5), ["scale": wave([6]), "shift": wave([6], rate: 0.1)])
    case "instance norm":
      build.append("y", .instanceNorm(epsilon: 1e-5), ["scale": wave([3]), "shift": wave([3], rate: 0.1)])
    case "leaky ReLU": build.activation("y", .leakyRelu(slope: 0.2))
    case "clip": build.activation("y", .clip(low: -1, high: 0.5))
    case "tanh": build.activation("y", .tanh)
    case "SiLU": build.activation("y", .silu)
    case "hard swish": build.activation("y", .hardSwish)
    case "hard sigmoid": build.activation("y", .hardSigmoid(slope: 1 / 6, offset: 0.5))
    case "GELU": build.activation("y", .gelu(approximate: false))
    case "GELU by tanh": build.activation("y", .gelu(approximate: true))
    case "exponential": build.activation("y", .exponential)
    case "softmax": build.append("y", .softmax(axis: 1))
    case "add broadcast":
      constant(wave([3, 1, 1], rate: 0.2))
      build.append("y", .add, inputs: ["input", "c"])
    case "subtract":
      constant(wave([5], rate: 0.2))
      build.append("y", .binary(.subtract), inputs: ["c", "input"])
    case "multiply":
      constant(wave([1, 1, 4, 1], rate: 0.2))
      build.append("y", .binary(.multiply), inputs: ["input", "c"])
    case "divide":
      constant(wave([4, 1], rate: 0.2).map { 3 + $0 })
      build.append("y", .binary(.divide), inputs: ["input", "c"])
    case "concat":
      constant(Tensor([1], [2]))
      build.append("double", .binary(.multiply), inputs: ["input", "c"])
      build.append("y", .concat(axis: 2), inputs: ["input", "double"])
    case "slice":
      build.append(
        "y", .slice([AxisSlice(axis: 1, start: 1, count: 2), AxisSlice(axis: 3, start: 1, count: 2, step: 2)]))
    case "pad": pad(.constant(0.25))
    case "pad by reflection": pad(.reflect)
    case "pad with edges": pad(.edge)
    case "transpose": build.append("y", .transpose([0, 2, 3, 1]))
    case "reshape":
      build.append("t", .transpose([0, 2, 3, 1]))
      build.append("y", .reshape([0, -1, 6]))
    case "resize to the nearest":
      resize(.init(.scale(height: 2, width: 2), method: .nearest, coordinates: .asymmetric, rounding: .floor))
    case "resize bilinearly": resize(.init(size, method: .bilinear))
    case "resize bilinearly, corners": resize(.init(size, method: .bilinear, coordinates: .alignCorners))
    case "mean": build.append("y", .reduce(.mean, axes: [2, 3], keepsAxes: true))
    case "sum": build.append("y", .reduce(.sum, axes: [2], keepsAxes: false))
    case "maximum": build.append("y", .reduce(.maximum, axes: [1, 3], keepsAxes: false))
    case "linear on rows":
      build.append("y", .linear, ["weight": wave([5, 6], rate: 0.31), "bias": wave([5])])
    case "matrices":
      constant(wave([6, 5], rate: 0.31))
      build.append("y", .matMul, inputs: ["input", "c"])
    case "matrices of rank 4":
      constant(wave([1, 1, 5, 3], rate: 0.31))
      build.append("y", .matMul, inputs: ["input", "c"])
    default: Issue.record("no case \(name)")
    }
  }

  private func wave(_ shape: Shape, rate: Double = 0.7) -> Tensor {
    Tensor(shape, (0..<shape.count).map { Float(2 * sin(Double($0) * rate)) })
  }
}
