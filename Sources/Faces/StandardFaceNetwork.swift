package import Compute
import Glibc
package import NeuralNet

/// The built-in face detection network: depthwise separable convolutions (Howard et al. 2017) to stride 32, a feature
/// pyramid (Lin et al. 2017) and an anchor-free head for the strides 8, 16 and 32, as in FCOS (Tian et al. 2019) and
/// YuNet (Wu, Peng and Yu 2023).
///
/// Input `[1, 3, H, W]`, R G B from -1 to 1, H and W multiples of 32. Outputs `face_S`, `[1, 16, H/S, W/S]`: logits of
/// class and objectness, centre of the box relative to the cell's centre and logarithms of its extents, then x and y of
/// eyes, nose and corners of the mouth relative to the cell's centre; lengths in strides.
package enum StandardFaceNetwork {
  /// Numbers of each cell.
  package static let channels = 16
  /// Channels at the strides 4, 8, 16 and 32; the pyramid has those of stride 8.
  private static let widths = [32, 64, 96, 128]
  /// Channels at stride 2.
  private static let stem = 16

  package static func network(_ size: Pair, seed: UInt64 = 0) -> Network {
    var build = NetworkBuilder(inputShape: [3, size.height, size.width], seed: seed)
    build.convolution("stem", channels: stem, kernel: 3, stride: 2)
    build.normalised("stem")
    var levels: [String] = []
    for (level, width) in widths.enumerated() {
      let name = "stage\(level)"
      build.separable("\(name).0", channels: width, stride: 2)
      build.separable("\(name).1", channels: width)
      if level == 1 { build.separable("\(name).2", channels: width) }
      if level > 0 { build.residual("\(name).residual") }
      levels.append(build.current)
    }
    let pyramidWidth = widths[1]
    var generator = SeededGenerator(seed: seed, path: [1])
    var above: String?
    var outputs: [String] = []
    for (level, stride) in zip([3, 2, 1], FaceGridFormat.strides.reversed()) {
      build.current = levels[level]
      if widths[level] != pyramidWidth {
        build.convolution("lateral\(stride)", channels: pyramidWidth, kernel: 1)
        build.normalised("lateral\(stride)")
      }
      if let above {
        let lateral = build.current
        build.append(
          "up\(stride)", .resize(ResizeSettings(.scale(height: 2, width: 2), method: .bilinear)), inputs: [above])
        build.add("sum\(stride)", lateral)
        build.separable("pyramid\(stride)", channels: pyramidWidth)
      }
      above = build.current
      build.separable("head\(stride)", channels: pyramidWidth)
      var bias = Tensor([channels])
      // Few cells hold a face: the first steps must not be spent on learning that.
      bias[1] = -4.6
      build.append(
        "face_\(stride)", .convolution(ConvolutionSettings()),
        [
          "weight": .normal([channels, pyramidWidth, 1, 1], standardDeviation: 0.01, using: &generator),
          "bias": bias,
        ])
      outputs.append(build.current)
    }
    var network = build.network
    network.outputs = outputs.reversed()
    return network
  }

  /// The network of a weights file, for an input of that size.
  ///
  /// - Throws: `FacesError.detectorUnavailable` when the tensors are not those of this network.
  package static func network(_ size: Pair, weights: [String: Tensor], name: String) throws(FacesError) -> Network {
    var network = network(size)
    for (key, tensor) in network.parameters.sorted(by: { $0.key < $1.key }) {
      guard let trained = weights[key], trained.shape == tensor.shape, trained.isFinite else {
        throw .detectorUnavailable(
          name: name, reason: "the weights '\(key)' are missing, of another shape or not finite")
      }
      network.parameters[key] = trained
    }
    return network
  }
}

extension FaceGridFormat {
  /// The outputs of `StandardFaceNetwork`. Scores and boxes as in `yuNet`, from whose detections it learns.
  package static let standard = FaceGridFormat(
    description: "a face detector of assay train-faces", outputs: strides.map { "face_\($0)" },
    input: FaceInput(factor: 1 / 127.5, summand: -1), shortSide: 270, faceSide: 48, leastScore: 0.45, sureScore: 0.8,
    boxScale: 0.818, boxShift: -0.048
  ) { outputs, width in
    zip(strides, outputs).enumerated().map { level, pair in
      let (stride, output) = pair
      let cells = output.count / StandardFaceNetwork.channels
      func sigmoid(_ logit: Float) -> Float { 1 / (1 + exp(-logit)) }
      return FaceGrid(
        stride: stride, columns: width / stride, cells: cells, origin: 0.5,
        // A low objectness alone decides most cells.
        score: { cell in
          let objectness = sigmoid(output[cells + cell])
          return objectness < 0.05 ? 0 : (sigmoid(output[cell]) * objectness).squareRoot()
        },
        value: { cell, number in output[(number + 2) * cells + cell] },
        slopes: { cell in
          let (quality, objectness) = (sigmoid(output[cell]), sigmoid(output[cells + cell]))
          let rest = max(1 - (quality * objectness).squareRoot(), 1e-6)
          return [
            FaceGrid.Slope(output: level, element: cell, value: (1 - quality) / (2 * rest)),
            FaceGrid.Slope(output: level, element: cells + cell, value: (1 - objectness) / (2 * rest)),
          ]
        })
    }
  }
}

extension NetworkBuilder {
  /// Batch norm and ReLU.
  fileprivate mutating func normalised(_ name: String) {
    batchNorm("\(name).norm")
    relu("\(name).relu")
  }

  /// A 3×3 convolution of each channel by itself, then a 1×1 convolution over the channels.
  fileprivate mutating func separable(_ name: String, channels: Int, stride: Int = 1) {
    convolution("\(name).depth", channels: currentShape[0], kernel: 3, stride: stride, groups: currentShape[0])
    normalised("\(name).depth")
    convolution("\(name).point", channels: channels, kernel: 1)
    normalised("\(name).point")
  }

  /// The current value plus a separable convolution of it (He et al. 2016).
  fileprivate mutating func residual(_ name: String) {
    let input = current
    let channels = currentShape[0]
    convolution("\(name).depth", channels: channels, kernel: 3, groups: channels)
    normalised("\(name).depth")
    convolution("\(name).point", channels: channels, kernel: 1)
    batchNorm("\(name).point.norm", scale: 0)
    add("\(name).sum", input)
  }
}
