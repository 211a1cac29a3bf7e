import Compute
public import NeuralNet

/// The deep convolutional generator and discriminator of Radford et al. 2015.
///
/// 4×4 filters with stride 2 throughout, transposed in the generator. Batch norm everywhere but in the generator's last
/// and the discriminator's first layer. ReLU in the generator, leaky ReLU in the discriminator. Weights are initialised
/// with a standard deviation of 0.02.
public struct DCGAN: AdversarialDesign {
  public var size = 64
  public var latent = 100
  /// Channels of the layer next to the picture; doubles with each further layer.
  public var width = 32

  public let normalisesSpectrum = false
  public let loss = AdversarialLoss.nonSaturating
  public let betas: (first: Float, second: Float) = (0.5, 0.999)
  public let rates: (generator: Float, discriminator: Float) = (2e-4, 2e-4)

  private static let standardDeviation: Float = 0.02

  public init() {}

  public func generator(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [latent], seed: seed)
    var generator = SeededGenerator(seed: seed, path: [0x4443_4741])
    let first = width << (doublings - 1)
    build.append(
      "project", .linear,
      ["weight": .normal([first * 16, latent], standardDeviation: Self.standardDeviation, using: &generator)])
    build.append("grid", .reshape([0, first, 4, 4]))
    build.batchNorm("norm0")
    build.relu("relu0")
    for layer in 1...doublings {
      let isLast = layer == doublings
      let channels = isLast ? 3 : first >> layer
      var tensors = [
        "weight": Tensor.normal(
          [build.currentShape[0], channels, 4, 4], standardDeviation: Self.standardDeviation, using: &generator)
      ]
      if isLast { tensors["bias"] = Tensor([channels]) }
      build.append(
        "up\(layer)",
        .transposedConvolution(
          TransposedConvolutionSettings(convolution: ConvolutionSettings(stride: Pair(2), padding: Padding(1)))),
        tensors)
      guard !isLast else { break }
      build.batchNorm("norm\(layer)")
      build.relu("relu\(layer)")
    }
    build.activation("picture", .tanh)
    return build.network
  }

  public func discriminator(seed: UInt64) -> Network {
    var build = NetworkBuilder(inputShape: [3, size, size], seed: seed)
    var generator = SeededGenerator(seed: seed, path: [0x4443_4744])
    let settings = ConvolutionSettings(stride: Pair(2), padding: Padding(1))
    for layer in 1...doublings {
      var tensors = [
        "weight": Tensor.normal(
          [width << (layer - 1), build.currentShape[0], 4, 4], standardDeviation: Self.standardDeviation,
          using: &generator)
      ]
      if layer == 1 { tensors["bias"] = Tensor([width]) }
      build.append("down\(layer)", .convolution(settings), tensors)
      if layer > 1 { build.batchNorm("norm\(layer)") }
      build.activation("leaky\(layer)", .leakyRelu(slope: 0.2))
    }
    build.flatten("flat")
    build.append(
      "logit", .linear,
      [
        "weight": .normal([1, build.currentShape[0]], standardDeviation: Self.standardDeviation, using: &generator),
        "bias": Tensor([1]),
      ])
    return build.network
  }
}
