import Compute
import NeuralNet

extension GraphExporter {
  /// Writes one node of the network as nodes of the graph.
  mutating func write(_ node: Node) throws(ONNXError) {
    let x = node.inputs.first ?? ""
    func tensors(_ roles: [String]) -> [String] { [x] + roles.compactMap { tensor(node, $0) } }
    func add(_ type: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto] = []) {
      self.add(type, inputs, [node.output], name: node.name, attributes)
    }
    switch node.operation {
    case .convolution(let s):
      add("Conv", tensors(["weight", "bias"]), Self.window(s))
    case .transposedConvolution(let s):
      let extra = Onnx_AttributeProto.ints("output_padding", [s.outputPadding.height, s.outputPadding.width])
      add("ConvTranspose", tensors(["weight", "bias"]), Self.window(s.convolution) + [extra])
    case .batchNorm(let s):
      add(
        "BatchNormalization", tensors(["scale", "shift", "mean", "variance"]),
        [.float("epsilon", s.epsilon), .float("momentum", 1 - s.momentum)])
    case .layerNorm(let axis, let epsilon):
      add("LayerNormalization", tensors(["scale", "shift"]), [.int("axis", axis), .float("epsilon", epsilon)])
    case .groupNorm(let groups, let epsilon):
      add("GroupNormalization", tensors(["scale", "shift"]), [.int("num_groups", groups), .float("epsilon", epsilon)])
    case .instanceNorm(let epsilon):
      add("InstanceNormalization", tensors(["scale", "shift"]), [.float("epsilon", epsilon)])
    case .activation(let function): writeActivation(function, node)
    case .softmax(let axis): add("Softmax", [x], [.int("axis", axis)])
    case .maxPool(let s): add("MaxPool", [x], Self.window(s))
    case .averagePool(let s, let countsPadding):
      add("AveragePool", [x], Self.window(s) + [.int("count_include_pad", countsPadding ? 1 : 0)])
    case .globalAveragePool: add("GlobalAveragePool", [x])
    case .cooccurrence(let settings): writeCooccurrence(settings, node)
    case .reduce(let reduction, let axes, let keepsAxes):
      let types: [Reduction: String] = [.mean: "ReduceMean", .sum: "ReduceSum", .maximum: "ReduceMax"]
      let list = ints(axes, name: "\(node.name).axes")
      add(types[reduction] ?? "", [x, list], [.int("keepdims", keepsAxes ? 1 : 0)])
    case .dropout, .identity: add("Identity", [x])
    case .flatten(let axis): add("Flatten", [x], [.int("axis", axis)])
    case .reshape(let target): add("Reshape", [x, ints(target, name: "\(node.name).shape")])
    case .transpose(let order): add("Transpose", [x], [.ints("perm", order)])
    case .slice(let slices): writeSlice(slices, node)
    case .pad(let settings): writePad(settings, node)
    case .resize(let settings): writeResize(settings, node)
    case .linear: writeLinear(node)
    case .matMul: add("MatMul", node.inputs)
    case .binary(let function):
      let types: [BinaryFunction: String] = [.add: "Add", .subtract: "Sub", .multiply: "Mul", .divide: "Div"]
      add(types[function] ?? "", node.inputs)
    case .concat(let axis): add("Concat", node.inputs, [.int("axis", axis)])
    case .constant: add("Identity", [tensor(node, "value") ?? ""])
    }
  }

  private mutating func writeActivation(_ function: ActivationFunction, _ node: Node) {
    let x = node.inputs[0]
    func add(_ type: String, _ attributes: [Onnx_AttributeProto] = []) {
      self.add(type, [x], [node.output], name: node.name, attributes)
    }
    switch function {
    case .relu: add("Relu")
    case .leakyRelu(let slope): add("LeakyRelu", [.float("alpha", slope)])
    case .clip(let low, let high):
      let limits = [
        floats([low], name: "\(node.name).low", isScalar: true),
        floats([high], name: "\(node.name).high", isScalar: true),
      ]
      self.add("Clip", [x] + limits, [node.output], name: node.name)
    case .sigmoid: add("Sigmoid")
    case .tanh: add("Tanh")
    case .silu:
      let gate = "\(node.output)/gate"
      self.add("Sigmoid", [x], [gate], name: "\(node.name)/gate")
      self.add("Mul", [x, gate], [node.output], name: node.name)
    case .hardSwish: add("HardSwish")
    case .hardSigmoid(let slope, let offset): add("HardSigmoid", [.float("alpha", slope), .float("beta", offset)])
    case .gelu(let approximate): add("Gelu", [.text("approximate", approximate ? "tanh" : "none")])
    case .exponential: add("Exp")
    case .squareRoot: add("Sqrt")
    case .errorFunction: add("Erf")
    }
  }

  private mutating func writeLinear(_ node: Node) {
    let x = node.inputs[0]
    let (weight, bias) = (tensor(node, "weight") ?? "", tensor(node, "bias"))
    guard shape(x).rank != 2 else {
      add("Gemm", [x, weight] + [bias].compactMap { $0 }, [node.output], name: node.name, [.int("transB", 1)])
      return
    }
    let turned = "\(node.output)/weight"
    add("Transpose", [weight], [turned], name: turned, [.ints("perm", [1, 0])])
    guard let bias else {
      add("MatMul", [x, turned], [node.output], name: node.name)
      return
    }
    let product = "\(node.output)/product"
    add("MatMul", [x, turned], [product], name: product)
    add("Add", [product, bias], [node.output], name: node.name)
  }

  private mutating func writeSlice(_ slices: [AxisSlice], _ node: Node) {
    let ends = slices.map { slice in
      let end = slice.start + slice.count * slice.step
      // With a negative step down to the first element, the end lies before all elements.
      return end < 0 ? -(1 << 31) : end
    }
    let inputs = [
      ints(slices.map(\.start), name: "\(node.name).starts"), ints(ends, name: "\(node.name).ends"),
      ints(slices.map(\.axis), name: "\(node.name).axes"), ints(slices.map(\.step), name: "\(node.name).steps"),
    ]
    add("Slice", [node.inputs[0]] + inputs, [node.output], name: node.name)
  }

  private mutating func writePad(_ settings: PadSettings, _ node: Node) {
    var inputs = [node.inputs[0], ints(settings.before + settings.after, name: "\(node.name).pads")]
    let mode: String
    switch settings.mode {
    case .constant(let value):
      mode = "constant"
      inputs.append(floats([value], name: "\(node.name).value", isScalar: true))
    case .reflect: mode = "reflect"
    case .edge: mode = "edge"
    }
    add("Pad", inputs, [node.output], name: node.name, [.text("mode", mode)])
  }

  private mutating func writeResize(_ settings: ResizeSettings, _ node: Node) {
    let x = shape(node.inputs[0])
    var inputs = [node.inputs[0], ""]
    switch settings.target {
    case .scale(let height, let width): inputs.append(floats([1, 1, height, width], name: "\(node.name).scales"))
    case .size(let size):
      // Sizes would fix the batch; factors give the same height and width for any batch.
      let factors = [Float(size.height) / Float(x[2]), Float(size.width) / Float(x[3])]
      let isExact = Int(Float(x[2]) * factors[0]) == size.height && Int(Float(x[3]) * factors[1]) == size.width
      if isExact {
        inputs.append(floats([1, 1] + factors, name: "\(node.name).scales"))
      } else {
        inputs += ["", ints([x[0], x[1], size.height, size.width], name: "\(node.name).sizes")]
      }
    }
    let places: [ResizeSettings.Coordinates: String] = [
      .halfPixel: "half_pixel", .pytorchHalfPixel: "pytorch_half_pixel", .alignCorners: "align_corners",
      .asymmetric: "asymmetric",
    ]
    let roundings: [ResizeSettings.Rounding: String] = [
      .roundPreferFloor: "round_prefer_floor", .roundPreferCeil: "round_prefer_ceil", .floor: "floor", .ceil: "ceil",
    ]
    add(
      "Resize", inputs, [node.output], name: node.name,
      [
        .text("mode", settings.method == .nearest ? "nearest" : "linear"),
        .text("coordinate_transformation_mode", places[settings.coordinates] ?? ""),
        .text("nearest_mode", roundings[settings.rounding] ?? ""),
      ])
  }

  private static func window(_ s: ConvolutionSettings) -> [Onnx_AttributeProto] {
    [
      .ints("strides", [s.stride.height, s.stride.width]), .ints("dilations", [s.dilation.height, s.dilation.width]),
      pads(s.padding), .int("group", s.groups),
    ]
  }

  private static func window(_ s: PoolSettings) -> [Onnx_AttributeProto] {
    [
      .ints("kernel_shape", [s.kernel.height, s.kernel.width]), .ints("strides", [s.stride.height, s.stride.width]),
      pads(s.padding),
    ]
  }

  private static func pads(_ p: Padding) -> Onnx_AttributeProto { .ints("pads", [p.top, p.left, p.bottom, p.right]) }
}
