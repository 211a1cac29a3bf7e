public import Compute

/// Builds a network layer by layer, each on top of the previous one, with seeded initial parameters.
///
/// ```swift
/// var build = NetworkBuilder(inputShape: [3, 256, 256], seed: 1)
/// build.convolution("conv1", channels: 8, kernel: 3)
/// build.batchNorm("norm1")
/// build.relu("relu1")
/// build.maxPool("pool1", 2)
/// …
/// build.flatten("flat")
/// build.linear("logit", features: 1)
/// let network = build.network
/// ```
public struct NetworkBuilder {
  /// The network so far; its only output is the last value.
  public private(set) var network: Network
  /// Name of the value that the next layer reads; set it to branch.
  public var current: String
  private var shapes: [String: Shape]
  private var generator: SeededGenerator

  public init(inputShape: Shape, seed: UInt64) {
    network = Network(inputShape: inputShape, nodes: [], outputs: ["input"], parameters: [:])
    current = network.input
    shapes = [network.input: Shape([1] + inputShape.extents)]
    generator = SeededGenerator(seed: seed)
  }

  /// Shape of one sample of the current value.
  public var currentShape: Shape { (shapes[current] ?? [1]).sample }

  /// A convolution with "same" padding at stride 1; He initialisation (He et al. 2015).
  public mutating func convolution(
    _ name: String, channels: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, groups: Int = 1,
    padding: Padding? = nil,
    bias: Bool = false
  ) {
    let inputs = currentShape[0] / groups
    let settings = ConvolutionSettings(
      stride: Pair(stride), dilation: Pair(dilation), padding: padding ?? Padding(dilation * (kernel - 1) / 2),
      groups: groups)
    var tensors = ["weight": heNormal([channels, inputs, kernel, kernel], fanIn: inputs * kernel * kernel)]
    if bias { tensors["bias"] = Tensor([channels]) }
    append(name, .convolution(settings), tensors)
  }

  /// - Parameter scale: initial; 0 at the end of a residual branch makes the block an identity at first (Goyal et al.
  ///   2017).
  public mutating func batchNorm(
    _ name: String, _ settings: BatchNormSettings = BatchNormSettings(), scale: Float = 1
  ) {
    let channels: Shape = [currentShape[0]]
    append(
      name, .batchNorm(settings),
      [
        "scale": Tensor(channels, repeating: scale), "shift": Tensor(channels), "mean": Tensor(channels),
        "variance": Tensor(channels, repeating: 1),
      ])
  }

  /// - Parameter gain: factor on the He initialisation (He et al. 2015).
  public mutating func linear(_ name: String, features: Int, bias: Bool = true, gain: Float = 1) {
    let inputs = currentShape[0]
    var tensors = ["weight": heNormal([features, inputs], fanIn: inputs).map { gain * $0 }]
    if bias { tensors["bias"] = Tensor([features]) }
    append(name, .linear, tensors)
  }

  public mutating func relu(_ name: String) { append(name, .relu) }
  public mutating func sigmoid(_ name: String) { append(name, .sigmoid) }
  public mutating func flatten(_ name: String) { append(name, .flatten(axis: 1)) }
  public mutating func globalAveragePool(_ name: String) { append(name, .globalAveragePool) }
  public mutating func dropout(_ name: String, rate: Float) { append(name, .dropout(rate: rate)) }

  /// Square windows of side `kernel`; the stride defaults to `kernel`.
  public mutating func maxPool(_ name: String, _ kernel: Int, stride: Int? = nil, padding: Int = 0) {
    append(name, .maxPool(Self.windows(kernel, stride, padding)))
  }

  /// Square windows of side `kernel`; the stride defaults to `kernel`.
  public mutating func averagePool(
    _ name: String, _ kernel: Int, stride: Int? = nil, padding: Int = 0, countsPadding: Bool = true
  ) {
    append(name, .averagePool(Self.windows(kernel, stride, padding), countsPadding: countsPadding))
  }

  public mutating func activation(_ name: String, _ function: ActivationFunction) {
    append(name, .activation(function))
  }

  /// A binary function of the current value and another one.
  public mutating func binary(_ name: String, _ function: BinaryFunction, _ other: String) {
    append(name, .binary(function), inputs: [current, other])
  }

  /// The current value plus another one.
  public mutating func add(_ name: String, _ other: String) {
    append(name, .add, inputs: [current, other])
  }

  /// Concatenates values along the channel axis.
  public mutating func concat(_ name: String, _ values: [String]) {
    append(name, .concat(axis: 1), inputs: values)
  }

  /// Any operator on any values; `tensors` are its parameters by role.
  ///
  /// An incompatible layer makes the network invalid; `Network.shapes` then throws with the layer's name.
  public mutating func append(
    _ name: String, _ operation: Operator, _ tensors: [String: Tensor] = [:], inputs: [String]? = nil,
    isFrozen: Bool = false
  ) {
    let read = inputs ?? [current]
    var node = Node(name, operation, inputs: read, isFrozen: isFrozen)
    for (role, tensor) in tensors {
      node.parameters[role] = "\(name).\(role)"
      network.parameters["\(name).\(role)"] = tensor
    }
    network.nodes.append(node)
    network.outputs = [node.output]
    current = node.output
    shapes[current] = try? operation.outputShape(
      of: name, inputs: read.map { shapes[$0] ?? [1] }, parameters: tensors.mapValues(\.shape))
  }

  private mutating func heNormal(_ shape: Shape, fanIn: Int) -> Tensor {
    .normal(shape, standardDeviation: (2 / Float(max(fanIn, 1))).squareRoot(), using: &generator)
  }

  private static func windows(_ kernel: Int, _ stride: Int?, _ padding: Int) -> PoolSettings {
    PoolSettings(kernel: Pair(kernel), stride: stride.map { Pair($0) }, padding: Padding(padding))
  }
}
